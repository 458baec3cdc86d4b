// Past and present runs; one is open.

export function render({model}) {
  const root = document.createElement("div")
  root.className = "list"
  root.innerHTML = `<p class="none"></p><ul aria-label="Runs"></ul>`
  const list = root.querySelector("ul"), none = root.querySelector(".none")
  const draw = () => {
    none.textContent = model.rows.length ? "" : "No run yet. Your trainings will be kept here."
    const focused = list.getRootNode().activeElement?.dataset?.run
    list.replaceChildren(...model.rows.map(row => {
      const item = document.createElement("li"), button = document.createElement("button")
      button.type = "button"
      button.dataset.run = row.name
      button.dataset.state = row.state
      if (row.name === model.selected) { button.setAttribute("aria-current", "true") }
      button.innerHTML = `<i aria-hidden="true"></i><span class="name"></span><span class="loss"></span><span class="about"></span>`
      button.querySelector(".name").textContent = row.name
      button.querySelector(".loss").textContent = row.loss
      button.querySelector(".about").textContent = row.about
      button.addEventListener("click", () => model.send_msg({open: row.name}))
      item.append(button)
      return item
    }))
    if (focused) { list.querySelector(`[data-run="${CSS.escape(focused)}"]`)?.focus() }
  }
  model.on(["rows", "selected"], draw)
  draw()
  return root
}
