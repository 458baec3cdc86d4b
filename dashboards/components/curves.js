export function render({model}) {
  const root = document.createElement("div")
  root.className = "legend"
  root.innerHTML = `
    <span class="train"><i aria-hidden="true"></i>Training <b></b></span>
    <span class="held"><i aria-hidden="true"></i>Held-out voices <b></b></span>
    <label><input type="checkbox"><span>Log axis</span></label>`
  const box = root.querySelector("input")
  const update = () => {
    root.querySelector(".train b").textContent = model.train
    root.querySelector(".held b").textContent = model.held_out
    box.checked = model.log
  }
  box.addEventListener("change", () => { model.log = box.checked })
  model.on(["train", "held_out", "log"], update)
  update()
  return root
}
