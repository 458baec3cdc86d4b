// One sound with its waveform: a play button, a place to click into, an <audio> element underneath.
// Only one sound of a page plays at a time.

function lsWaveform(dataUri, columns) {
  // PCM16 WAV only: that is what the course writes, byte for byte.
  const binary = atob(dataUri.slice(dataUri.indexOf(",") + 1))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) { bytes[i] = binary.charCodeAt(i) }
  const view = new DataView(bytes.buffer)
  let at = 12, rate = 8000
  while (at + 8 <= bytes.length) {
    const id = String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
    const size = Math.min(view.getUint32(at + 4, true), bytes.length - at - 8)
    if (id === "fmt ") { rate = view.getUint32(at + 12, true) }
    if (id === "data") {
      const n = Math.floor(size / 2), peaks = []
      for (let c = 0; c < columns; c++) {
        let peak = 0
        const stop = Math.floor(((c + 1) * n) / columns)
        for (let i = Math.floor((c * n) / columns); i < stop; i++) {
          peak = Math.max(peak, Math.abs(view.getInt16(at + 8 + 2 * i, true)))
        }
        peaks.push(peak / 32768)
      }
      return {peaks, seconds: n / rate}
    }
    at += 8 + size + (size % 2)
  }
  return {peaks: [], seconds: 0}
}

function lsPlayer({label, tone, note = ""}) {
  const root = document.createElement("div")
  root.className = `player ${tone}`
  root.innerHTML = `
    <div class="caption"><span class="label"></span><span class="note"></span><span class="seconds"></span></div>
    <button class="play" type="button">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path class="go" d="M7 4.5v15l13-7.5z"/><path class="halt" d="M6.5 5h4v14h-4zM13.5 5h4v14h-4z"/>
      </svg>
    </button>
    <svg class="wave" preserveAspectRatio="none" viewBox="0 0 120 40" aria-hidden="true">
      <path class="all"></path><path class="done"></path>
    </svg>
    <audio preload="auto"></audio>`
  const button = root.querySelector(".play"), audio = root.querySelector("audio")
  const wave = root.querySelector(".wave"), all = root.querySelector(".all"), done = root.querySelector(".done")
  const noteElement = root.querySelector(".note"), seconds = root.querySelector(".seconds")
  root.querySelector(".label").textContent = label
  let bars = [], length = 0, frame = null, current = ""

  const path = bar_list => bar_list.map(([x, h]) => `M${x} ${20 - h}V${20 + h}`).join("")
  const drawn = () => {
    const share = length ? audio.currentTime / length : 0
    done.setAttribute("d", share > 0 ? path(bars.filter(([x]) => x <= share * 120)) : "")
  }
  const follow = () => { drawn(); frame = audio.paused ? null : requestAnimationFrame(follow) }
  const named = () => {
    const what = `${label}${noteElement.textContent ? ", " + noteElement.textContent : ""}`
    button.setAttribute("aria-label", `${audio.paused ? "Play" : "Stop"} ${what}`)
    root.classList.toggle("playing", !audio.paused)
  }
  const stop = () => { audio.pause(); audio.currentTime = 0; drawn(); named() }
  const play = (from = 0) => {
    if (!current) { return }
    const other = window.__latentSoundPlaying
    if (other && other !== api) { other.stop() }
    window.__latentSoundPlaying = api
    audio.currentTime = from
    const started = audio.play()
    if (started) { started.catch(() => named()) }
  }
  audio.addEventListener("play", () => { named(); if (frame === null) { frame = requestAnimationFrame(follow) } })
  audio.addEventListener("pause", named)
  audio.addEventListener("ended", () => { audio.currentTime = 0; drawn(); named() })
  button.addEventListener("click", () => audio.paused ? play() : stop())
  wave.addEventListener("click", event => {
    const box = wave.getBoundingClientRect()
    play(length * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)))
  })

  const api = {
    element: root, audio, play, stop,
    set(dataUri, text = note) {
      noteElement.textContent = text
      audio.setAttribute("aria-label", `${label} ${text}`.trim())
      if (dataUri !== current) {
        const wasPlaying = !audio.paused
        current = dataUri
        if (wasPlaying) { audio.pause() }
        if (dataUri) {
          audio.src = dataUri
          const shape = lsWaveform(dataUri, 60)
          length = shape.seconds
          // One scale for all players: a quiet sound must look quiet. Speech here rarely exceeds half of full scale.
          bars = shape.peaks.map((peak, i) => [2 * i + 1, Math.max(0.8, Math.min(19, 38 * peak))])
          all.setAttribute("d", path(bars))
          seconds.textContent = `${length.toFixed(1)} s`
        } else {
          audio.removeAttribute("src")
          length = 0
          bars = []
          all.setAttribute("d", "M1 19.2V20.8")
          seconds.textContent = ""
        }
        drawn()
      }
      button.disabled = !dataUri
      named()
    },
  }
  api.set("", note)
  return api
}
