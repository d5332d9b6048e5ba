/** A short, soft two-note chime, made on the spot. Off until the visitor turns it on. */

export function createSound(store) {
  let context = null;
  let on = store.get("sound", false) === true;

  function play() {
    if (!on) return;
    context ??= new AudioContext();
    [660, 880].forEach((pitch, index) => {
      const start = context.currentTime + index * 0.11;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.06, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.26);
    });
  }

  return {
    play,
    toggle() {
      on = !on;
      store.set("sound", on);
      play();
      return on;
    },
    get on() {
      return on;
    },
  };
}
