package io.redmessenger.adapters.websocket.frame;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The listeners of a server's connections, in the order in which these were opened. */
final class Recorders implements Supplier<WebSocketListener> {
    private final Supplier<Recorder> maker;
    private final BlockingQueue<Recorder> made = new LinkedBlockingQueue<>();

    Recorders(Supplier<Recorder> maker) {
        this.maker = maker;
    }

    @Override
    public WebSocketListener get() {
        Recorder recorder = maker.get();
        made.add(recorder);
        return recorder;
    }

    /** The next one; waits for its handshake to be done, but not for ever. */
    Recorder next() throws InterruptedException {
        Recorder recorder = made.poll(10, TimeUnit.SECONDS);
        if (recorder == null) {
            throw new IllegalStateException("no connection was opened");
        }
        return recorder;
    }
}
