/** Counts what passed, failed and was left out, prints each as it comes and the failures again at the end. */
export class Tally {
  #passed = 0;
  #failed: { name: string; why: string }[] = [];
  #skipped: { name: string; why: string }[] = [];

  pass(name: string, milliseconds?: number): void {
    this.#passed++;
    console.log(`  ok    ${name}${lasting(milliseconds)}`);
  }

  fail(name: string, why: string): void {
    this.#failed.push({ name, why });
    console.log(`  FAIL  ${name}\n${indented(why)}`);
  }

  skip(name: string, why: string): void {
    this.#skipped.push({ name, why });
    console.log(`  skip  ${name}: ${why}`);
  }

  /** A line of a test that is neither of the three. */
  note(text: string): void {
    console.log(`        ${text}`);
  }

  /** Prints the end; the very last line is for machines. Sets the exit code. */
  finish(): void {
    if (this.#skipped.length > 0) console.log(`\n${this.#skipped.length} left out:`);
    for (const { name, why } of this.#skipped) console.log(`  ${name}: ${why}`);
    if (this.#failed.length > 0) console.log('\nFailed:');
    for (const { name, why } of this.#failed) console.log(`  ${name}\n${indented(why)}`);
    if (this.#failed.length > 0 || this.#passed === 0) process.exitCode = 1;
    console.log(`\n${this.#passed} passed, ${this.#failed.length} failed`);
  }
}

const LONGEST = 6_000;

const indented = (text: string) =>
  (text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… (${text.length - LONGEST} more characters)` : text)
    .split('\n')
    .map(line => `        ${line}`)
    .join('\n');

const lasting = (milliseconds?: number) =>
  milliseconds !== undefined && milliseconds >= 1_000 ? ` (${(milliseconds / 1_000).toFixed(1)} s)` : '';
