/** Things to do, now or after a while. */
export class DueTasks<Task extends string> {
  readonly #due = new Set<Task>();
  readonly #alarms = new Map<Task, NodeJS.Timeout>();
  readonly #onDue: () => void;

  /** `onDue` is called when something has become due by the clock. */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  get isEmpty(): boolean {
    return this.#due.size === 0;
  }

  has(task: Task): boolean {
    return this.#due.has(task);
  }

  /** Whether a task waits for its time. */
  isAhead(task: Task): boolean {
    return this.#alarms.has(task);
  }

  add(...tasks: Task[]): void {
    for (const task of tasks) this.#due.add(task);
  }

  /** Makes a task due so much later; where its time is set already, that stands. */
  addLater(task: Task, afterMs: number): void {
    if (this.#alarms.has(task)) return;
    const alarm = setTimeout(() => {
      this.#alarms.delete(task);
      this.#due.add(task);
      this.#onDue();
    }, afterMs);
    this.#alarms.set(task, alarm);
  }

  /** Takes tasks for done, those that wait for their time too. */
  remove(...tasks: Task[]): void {
    for (const task of tasks) this.#due.delete(task);
    this.stopClock(...tasks);
  }

  /** Lets tasks wait no more for their time; what is due already remains so. */
  stopClock(...tasks: Task[]): void {
    for (const task of tasks) {
      clearTimeout(this.#alarms.get(task));
      this.#alarms.delete(task);
    }
  }
}
