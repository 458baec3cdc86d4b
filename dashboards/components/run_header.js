// Name, state, progress, a sentence, and the three commands a run understands.

export function render({model}) {
  const root = document.createElement("div")
  root.className = "header"
  root.innerHTML = `
    <div class="line">
      <div class="who"><h2></h2><p class="about"></p></div>
      <div class="commands">
        <button type="button" data-command="pause"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6.5 5h4v14h-4zM13.5 5h4v14h-4z"/></svg>Pause</button>
        <button type="button" data-command="resume"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4.5v15l13-7.5z"/></svg>Resume</button>
        <button type="button" data-command="stop"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6h12v12H6z"/></svg>Stop</button>
      </div>
    </div>
    <div class="track" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"><i></i></div>
    <div class="line words">
      <span class="chip"><i aria-hidden="true"></i><b></b></span>
      <span class="sentence" role="status"></span>
      <button type="button" class="flag" hidden><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5v8.5M12 18.5v.1"/></svg><span></span></button>
      <span class="detail"></span>
    </div>
    <div class="advice" role="note"></div>`
  const find = selector => root.querySelector(selector)
  let waiting = null

  const update = () => {
    root.dataset.state = model.state
    find("h2").textContent = model.title
    find(".about").textContent = model.about
    find(".chip b").textContent = model.state_word
    find(".sentence").textContent = model.sentence
    find(".detail").textContent = model.detail
    const flag = find(".flag")
    flag.hidden = !model.flag
    flag.dataset.state = model.flag_state
    flag.lastChild.textContent = model.flag
    find(".advice").textContent = model.advice
    const track = find(".track"), known = model.progress >= 0
    track.classList.toggle("unknown", !known && ["queued", "running"].includes(model.state))
    track.firstChild.style.width = known ? `${100 * model.progress}%` : ""
    if (known) { track.setAttribute("aria-valuenow", Math.round(100 * model.progress)) }
    for (const button of root.querySelectorAll("[data-command]")) {
      const command = button.dataset.command
      button.hidden = !model.commands.includes(command)
      button.disabled = waiting === command
    }
  }
  for (const button of root.querySelectorAll("[data-command]")) {
    button.addEventListener("click", () => {
      // The answer comes from the run folder; until then the button says that it was heard.
      waiting = button.dataset.command
      setTimeout(() => { waiting = null; update() }, 4000)
      model.send_msg({command: waiting})
      update()
    })
  }
  // The panel that says what is wrong may lie below the screen; it listens.
  find(".flag").addEventListener("click", () => window.dispatchEvent(new CustomEvent("ls-show-diagnosis")))
  model.on(["title", "about", "sentence", "detail", "advice", "progress", "flag", "flag_state"], update)
  model.on(["state", "state_word", "commands"], () => { waiting = null; update() })
  update()
  return root
}
