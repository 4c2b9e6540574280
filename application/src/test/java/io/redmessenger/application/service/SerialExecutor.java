package io.redmessenger.application.service;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * A lane without a thread: whoever hands over a task runs it, and all that is handed over meanwhile, unless somebody is at
 * it already. So a test on one thread sees every effect when a call returns.
 */
final class SerialExecutor implements Executor {

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        while (true) {
            Runnable next;
            synchronized (this) {
                next = tasks.poll();
                if (next == null) {
                    running = false;
                    return;
                }
            }
            next.run();
        }
    }
}
