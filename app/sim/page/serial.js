// Reading anew, one at a time: an answer that comes late must not take the
// place of a later one.  Whoever asks meanwhile gets one more round.
export function serial(work) {
  let running = null, again = false;

  async function rounds() {
    do {
      again = false;
      try {
        await work();
      } catch (e) {
        if (!again)
          throw e;
      }
    } while (again);
  }
  return () => {
    if (running !== null)
      again = true;
    else
      running = rounds().finally(() => { running = null; });
    return running;
  };
}
