package io.redmessenger.adapters.websocket.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/**
 * What all connections of one I/O thread share: the mailbox through which everything reaches them, the scratch buffers, and
 * the timers.
 *
 * <p>The mailbox keeps the order in which posts happened, over all connections of the thread. However many posts there are
 * between two turns, they cost one task of the thread. A turn first hands every post to its connection, then writes each
 * connection once.
 */
final class IoLoop implements Runnable {
    /** What one write can carry, and one read. */
    static final int SCRATCH_BYTES = 64 << 10;

    /** After so long without a pass through the selector, the next turn waits for one, so that reads are not starved. */
    private static final long MAX_NANOS_WITHOUT_SELECT = 20_000_000;

    /** Short enough to be the shortest wait of the selector, long enough not to be due before it. */
    private static final long SELECT_PASS_MICROS = 300;

    private static final ThreadLocal<@Nullable IoLoop> CURRENT = new ThreadLocal<>();

    /** One thing for one connection: a {@link Frame} to send, or a {@link Runnable} to run. Also the link of its queue. */
    static final class Node {
        final WebSocketConnection connection;
        Object content;

        @Nullable
        Node next;

        Node(WebSocketConnection connection, Object content) {
            this.connection = connection;
            this.content = content;
        }
    }

    private static final VarHandle POSTED;
    private static final VarHandle AWAKE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            POSTED = lookup.findVarHandle(IoLoop.class, "posted", Node.class);
            AWAKE = lookup.findVarHandle(IoLoop.class, "awake", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final XnioIoThread thread;

    /** The newest post; older ones behind it. */
    @SuppressWarnings("unused") // through POSTED
    private volatile @Nullable Node posted;

    /** Whether a turn is due or under way. */
    private volatile boolean awake;

    private @Nullable WebSocketConnection firstToFlush;
    private long lastSelect;

    private final byte[] readBytes = new byte[SCRATCH_BYTES];
    private final ByteBuffer readScratch = ByteBuffer.wrap(readBytes);
    private final ByteBuffer writeScratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);

    private XnioExecutor.@Nullable Key alarmKey;
    private final Timers timers = new Timers(System::nanoTime, this::setAlarm);

    private IoLoop(XnioIoThread thread) {
        this.thread = thread;
    }

    /** The loop of the current thread, which must be an I/O thread. */
    static IoLoop current() {
        IoLoop loop = CURRENT.get();
        if (loop == null) {
            loop = new IoLoop(XnioIoThread.requireCurrentThread());
            CURRENT.set(loop);
        }
        return loop;
    }

    XnioIoThread thread() {
        return thread;
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    Timers timers() {
        return timers;
    }

    /** {@link #readBytes}, all of them free. */
    ByteBuffer readScratch() {
        return readScratch.clear();
    }

    /** On the heap: what is read is decoded where it lies. */
    byte[] readBytes() {
        return readBytes;
    }

    /** Cleared, direct: what is gathered here needs no other copy to be written. */
    ByteBuffer writeScratch() {
        return writeScratch.clear();
    }

    /** From any thread. */
    void post(Node node) {
        post(node, node);
    }

    /** From any thread: a chain of posts, linked from the newest to the oldest, seen by one turn together. */
    void post(Node newest, Node oldest) {
        Node before;
        do {
            before = posted;
            oldest.next = before;
        } while (!POSTED.compareAndSet(this, before, newest));
        if (!awake && AWAKE.compareAndSet(this, false, true)) {
            wakeUp();
        }
    }

    private void wakeUp() {
        try {
            thread.execute(this);
        } catch (RejectedExecutionException e) {
            // the server is being stopped; the thread ends every connection before it exits
        }
    }

    /** To be called when the selector has reported something. */
    void selected() {
        lastSelect = System.nanoTime();
    }

    /** {@code connection} is to be written at the end of this turn. */
    void flushLater(WebSocketConnection connection) {
        if (!connection.flushDue) {
            connection.flushDue = true;
            connection.nextToFlush = firstToFlush;
            firstToFlush = connection;
            if (!awake && AWAKE.compareAndSet(this, false, true)) {
                wakeUp();
            }
        }
    }

    /** One turn. */
    @Override
    public void run() {
        Node node = oldestFirst((@Nullable Node) POSTED.getAndSet(this, null));
        while (node != null) {
            Node next = node.next;
            node.next = null;
            node.connection.accept(node);
            node = next;
        }
        WebSocketConnection connection = firstToFlush;
        firstToFlush = null;
        while (connection != null) {
            WebSocketConnection next = connection.nextToFlush;
            connection.nextToFlush = null;
            connection.flushDue = false;
            connection.flush();
            connection = next;
        }
        awake = false;
        if ((posted != null || firstToFlush != null) && AWAKE.compareAndSet(this, false, true)) {
            nextTurn();
        }
    }

    /** XNIO runs all tasks before it selects again, so a flood of posts must not queue one task behind the other for ever. */
    private void nextTurn() {
        long now = System.nanoTime();
        if (now - lastSelect < MAX_NANOS_WITHOUT_SELECT) {
            wakeUp();
            return;
        }
        lastSelect = now;
        try {
            XnioExecutor.Key unused = thread.executeAfter(this, SELECT_PASS_MICROS, TimeUnit.MICROSECONDS);
        } catch (RejectedExecutionException e) {
            // as in wakeUp
        }
    }

    private static @Nullable Node oldestFirst(@Nullable Node newest) {
        Node reversed = null;
        Node node = newest;
        while (node != null) {
            Node older = node.next;
            node.next = reversed;
            reversed = node;
            node = older;
        }
        return reversed;
    }

    private void setAlarm(long delayNanos) {
        XnioExecutor.Key key = alarmKey;
        if (key != null) {
            key.remove();
        }
        try {
            alarmKey = thread.executeAfter(timers, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            alarmKey = null; // as in wakeUp
        }
    }
}
