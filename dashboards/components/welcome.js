export function render({model}) {
  const root = document.createElement("div")
  root.className = "welcome"
  root.innerHTML = `
    <p class="notice" role="alert"></p>
    <h2>Teach a network to repeat what it hears</h2>
    <p class="lead">An autoencoder squeezes a spoken digit through a few numbers and rebuilds it. You hear every step.</p>
    <ol>
      <li><b>Start a training.</b> The form on the left is filled in already; a first run takes about a minute.</li>
      <li><b>Watch two curves.</b> One is the loss on voices it learns from, the other on voices it never hears.</li>
      <li><b>Climb the ladder.</b> At steps 0, 1, 3, 10, 30 ... a preview is kept: click a rung and listen.</li>
    </ol>
    <button type="button" class="start">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4.5v15l13-7.5z"/></svg><span></span>
    </button>
    <p class="foot">Closing this page stops nothing: a training goes on in a process of its own, and the page finds it again.</p>`
  const button = root.querySelector(".start")
  const update = () => {
    root.querySelector(".notice").textContent = model.notice
    button.querySelector("span").textContent = model.first ? "Start my first training" : "Start a training"
    button.disabled = !model.ready
  }
  button.addEventListener("click", () => {
    button.disabled = true
    setTimeout(update, 2000)
    model.send_msg({action: "start"})
  })
  model.on(["notice", "ready", "first"], update)
  update()
  return root
}
