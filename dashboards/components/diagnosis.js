// What the numbers say: one line when all is well, one entry a symptom when not.

const ICONS = {
  well: "M5 12.5l4.5 4.5L19 7.5",
  note: "M12 11v6M12 7.2v.1",
  warning: "M12 6.5v7M12 17v.1",
  serious: "M7 7l10 10M17 7L7 17",
}

export function render({model}) {
  const root = document.createElement("section")
  root.className = "diagnosis"
  root.setAttribute("aria-label", "What the numbers say")
  root.tabIndex = -1
  root.innerHTML = `
    <div class="line">
      <h3>What the numbers say</h3>
      <p class="summary"></p>
    </div>
    <ul></ul>
    <p class="spoken" role="status" aria-live="polite"></p>`
  const list = root.querySelector("ul"), spoken = root.querySelector(".spoken")
  const shown = new Map()

  const icon = kind => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[kind] ?? ICONS.note}"/></svg>`
  const make = () => {
    const entry = document.createElement("li")
    entry.innerHTML = `<span class="mark"></span>
      <div><p class="what"><b></b> <span class="sentence"></span></p>
      <p class="remedy"></p></div>`
    return entry
  }
  const fill = (entry, item) => {
    entry.dataset.severity = item.severity
    entry.dataset.name = item.name
    entry.querySelector(".mark").innerHTML = icon(item.severity)
    entry.querySelector("b").textContent = `${item.word}: ${item.name}.`
    entry.querySelector(".sentence").textContent = item.sentence
    entry.querySelector(".remedy").textContent = [item.remedy, item.lab].filter(Boolean).join(" ")
  }
  const update = () => {
    root.dataset.state = model.state
    root.querySelector(".summary").textContent = model.summary
    const names = new Set(model.items.map(item => item.name)), news = []
    for (const [name, entry] of shown) {
      if (!names.has(name)) {
        entry.remove()
        shown.delete(name)
        news.push(`No longer: ${name}.`)
      }
    }
    for (const item of model.items) {
      if (!shown.has(item.name)) {
        shown.set(item.name, make())
        news.push(`${item.word}: ${item.name}. ${item.sentence}`)
      }
      fill(shown.get(item.name), item)
    }
    // In order, and only if it differs: moving a node would take a selection in it away.
    model.items.forEach((item, place) => {
      if (list.children[place] !== shown.get(item.name)) {
        list.insertBefore(shown.get(item.name), list.children[place] ?? null)
      }
    })
    if (news.length) { spoken.textContent = news.join(" ") }
  }
  // A flag in the header asks to be shown what it stands for.
  const show = () => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
    root.scrollIntoView({behavior: calm ? "auto" : "smooth", block: "nearest"})
    root.focus({preventScroll: true})
  }
  window.addEventListener("ls-show-diagnosis", show)
  model.on("remove", () => window.removeEventListener("ls-show-diagnosis", show))
  model.on(["summary", "state", "items"], update)
  update()
  return root
}
