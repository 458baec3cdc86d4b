// The checkpoint ladder: which clip, which rung, and three players. All its sounds are in the browser, so a
// click is heard at once even while the server or a notebook's kernel is busy; the pictures follow.

export function render({model}) {
  const root = document.createElement("div")
  root.className = "ladder"
  root.innerHTML = `
    <div class="row top">
      <div class="clips" role="radiogroup" aria-label="Which sound"></div>
      <label class="follow"><input type="checkbox"><span>Follow the newest</span></label>
    </div>
    <div class="rungs" role="listbox" aria-label="What it sounded like at each step" tabindex="-1"></div>
    <p class="empty"></p>
    <div class="players"></div>`
  const clips = root.querySelector(".clips"), rungs = root.querySelector(".rungs")
  const follow = root.querySelector(".follow input"), empty = root.querySelector(".empty")
  const players = {}
  const makePlayers = () => {
    Object.values(players).forEach(player => player.stop())
    for (const name of ["input", "ceiling", "output"]) {
      players[name] = lsPlayer({label: model.titles[name] ?? "", tone: name})
      players[name].element.hidden = !model.titles[name]
    }
    root.querySelector(".players").replaceChildren(...Object.values(players).map(player => player.element))
  }
  makePlayers()

  const chosen = () => model.rungs.find(rung => rung.step === model.step)
  const listen = () => {
    const rung = chosen()
    players.input.set(model.original, model.who)
    players.ceiling.set(model.ceiling, "the best it could be")
    players.output.set(rung ? rung.sound : "", rung ? rung.label : "")
    empty.textContent = model.rungs.length ? "" : model.empty_text
    root.classList.toggle("is-empty", !model.rungs.length)
  }
  const drawClips = () => {
    clips.replaceChildren(...model.clips.map((name, i) => {
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = name
      button.setAttribute("role", "radio")
      button.setAttribute("aria-checked", i === model.clip)
      button.addEventListener("click", () => { model.clip = i; drawClips() })
      return button
    }))
  }
  const errors = () => model.rungs.map(rung => rung.error).filter(error => error > 0)
  const made = new Map()
  const makeRung = step => {
    const button = document.createElement("button")
    button.type = "button"
    button.setAttribute("role", "option")
    button.dataset.step = step
    button.innerHTML = `<span class="bar"><i></i></span><span class="name"></span>`
    button.addEventListener("click", () => pick(step))
    made.set(step, button)
    return button
  }
  const drawRungs = () => {
    const top = Math.max(...errors(), 1e-9)
    const hadFocus = rungs.contains(rungs.getRootNode().activeElement)
    // A rung that is there stays the same element: a new one that arrives in mid-click must not swallow the click.
    const buttons = model.rungs.map(rung => {
      const button = made.get(rung.step) ?? makeRung(rung.step)
      button.setAttribute("aria-selected", rung.step === model.step)
      button.setAttribute("aria-label", `Play ${rung.label}`)
      button.title = rung.title
      const height = rung.error > 0 ? Math.max(8, 100 * rung.error / top) : 0
      button.querySelector("i").style.height = `${height}%`
      button.querySelector(".name").textContent = rung.short
      return button
    })
    buttons.forEach((button, i) => {
      if (rungs.children[i] !== button) { rungs.insertBefore(button, rungs.children[i] ?? null) }
    })
    while (rungs.children.length > buttons.length) { rungs.lastChild.remove() }
    const selected = rungs.querySelector('[aria-selected="true"]')
    if (selected) {
      if (hadFocus) { selected.focus() }
      // After the layout: until then nothing has a width.
      requestAnimationFrame(() => {
        rungs.scrollLeft = Math.max(0, selected.offsetLeft + selected.offsetWidth + 8 - rungs.clientWidth)
      })
    }
  }
  let picked = null
  const pick = step => {
    picked = step
    if (step !== model.step) {
      follow.checked = model.follow = step === model.rungs[model.rungs.length - 1].step && model.follow
      model.step = step
      drawRungs()
      listen()
    }
    players.output.play()
  }
  rungs.addEventListener("keydown", event => {
    const move = {ArrowRight: 1, ArrowLeft: -1}[event.key]
    if (!move) { return }
    event.preventDefault()
    const at = model.rungs.findIndex(rung => rung.step === model.step) + move
    if (model.rungs[at]) { pick(model.rungs[at].step) }
  })
  follow.addEventListener("change", () => { model.follow = follow.checked })
  const drawFollow = () => { follow.checked = model.follow }

  model.on("clips", drawClips)
  model.on("clip", drawClips)
  model.on(["rungs", "step"], () => {
    // The server may still be following the newest rung while the click is on its way: the listener's choice stands.
    if (!model.follow && picked !== model.step && model.rungs.some(rung => rung.step === picked)) { model.step = picked }
    drawRungs()
    listen()
  })
  model.on(["original", "ceiling", "who", "empty_text"], listen)
  model.on("titles", () => { makePlayers(); listen() })
  model.on("follow", () => {
    if (model.follow) { picked = null }
    drawFollow()
  })
  model.on("remove", () => Object.values(players).forEach(player => player.stop()))
  drawClips()
  drawRungs()
  drawFollow()
  listen()
  return root
}
