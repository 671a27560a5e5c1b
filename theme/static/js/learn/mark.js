// The button by which a learner says that a lecture is done, and takes it back. Knows nothing of what is kept of that.

export class Mark {
  constructor(button, { pressed }) {
    Object.assign(this, { button, done: false, held: false });
    button.addEventListener("click", () => {
      this.held = this.done; // taken back, it is not set again by what was seen before
      this.show(!this.done);
      pressed(this.done);
    });
  }

  show(done) {
    this.done = done;
    this.button.setAttribute("aria-pressed", String(done));
  }
}
