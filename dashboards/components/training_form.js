// The form for a new training. It is built from a description; what is typed goes to the server as text, and
// the server says what is wrong with it.

export function render({model}) {
  const root = document.createElement("form")
  root.noValidate = true
  root.setAttribute("aria-label", "New training")
  root.innerHTML = `
    <div class="fields"></div>
    <details><summary>More settings</summary><div class="more"></div></details>
    <p class="notice" role="alert"></p>
    <button class="start" type="submit">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4.5v15l13-7.5z"/></svg><span>Start training</span>
    </button>
    <p class="foot"></p>`
  const fields = root.querySelector(".fields"), more = root.querySelector(".more")
  const start = root.querySelector(".start"), details = root.querySelector("details")
  let inputs = {}, busy = null

  const control = field => {
    if (field.kind === "choice") {
      const select = document.createElement("select")
      for (const [value, text] of field.choices) { select.append(new Option(text, value)) }
      return select
    }
    const input = document.createElement("input")
    input.type = field.kind === "switch" ? "checkbox" : "text"
    input.autocomplete = "off"
    input.spellcheck = false
    if (field.kind === "integer") { input.inputMode = "numeric" }
    if (field.kind === "number") { input.inputMode = "decimal" }
    if (field.placeholder) { input.placeholder = field.placeholder }
    return input
  }
  const build = () => {
    inputs = {}
    fields.replaceChildren()
    more.replaceChildren()
    model.fields.forEach((field, i) => {
      const row = document.createElement("div"), input = control(field)
      row.className = `field ${field.kind} ${field.wide ? "wide" : ""}`
      input.id = `${model.name_prefix || "f"}-${field.name}`
      input.name = field.name
      input.setAttribute("aria-describedby", `${input.id}-hint`)
      const label = document.createElement("label")
      label.htmlFor = input.id
      label.textContent = field.title
      const hint = document.createElement("div")
      hint.className = "hint"
      hint.id = `${input.id}-hint`
      row.title = field.help || ""
      row.append(...(field.kind === "switch" ? [input, label, hint] : [label, input, hint]))
      const send = () => model.send_msg({
        field: field.name, value: field.kind === "switch" ? String(input.checked) : input.value,
      })
      let timer = null
      input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(send, 150) })
      input.addEventListener("change", () => { clearTimeout(timer); send() })
      inputs[field.name] = {input, hint, field, row};
      (field.prominent ? fields : more).append(row)
    })
    details.hidden = !more.children.length
    values()
    problems()
  }
  const values = () => {
    const active = root.getRootNode().activeElement
    for (const [name, {input, field}] of Object.entries(inputs)) {
      const value = model.values[name] ?? ""
      if (field.kind === "switch") {
        input.checked = ["true", "1", "on", "yes"].includes(String(value).toLowerCase())
      } else if (input !== active && input.value !== value) { input.value = value }
    }
  }
  const problems = () => {
    let hidden = false
    for (const [name, {input, hint, field, row}] of Object.entries(inputs)) {
      const problem = model.problems[name]
      row.classList.toggle("wrong", Boolean(problem))
      input.setAttribute("aria-invalid", Boolean(problem))
      hint.textContent = problem || field.hint || ""
      hidden = hidden || (problem && !field.prominent)
    }
    if (hidden) { details.open = true }
    start.disabled = Object.keys(model.problems).length > 0 || busy !== null
    root.querySelector(".notice").textContent = model.notice
    root.querySelector(".foot").textContent = model.foot
  }
  root.addEventListener("submit", event => {
    event.preventDefault()
    if (start.disabled) { return }
    // Twice pressed must not train twice.
    busy = setTimeout(() => { busy = null; problems() }, 1500)
    model.send_msg({action: "start"})
    problems()
  })
  model.on("fields", build)
  model.on("values", values)
  model.on(["problems", "notice", "foot"], problems)
  build()
  return root
}
