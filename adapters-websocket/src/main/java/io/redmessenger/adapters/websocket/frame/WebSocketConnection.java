package io.redmessenger.adapters.websocket.frame;

import io.redmessenger.adapters.websocket.frame.IoLoop.Node;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;
import org.xnio.conduits.WriteReadyHandler;
import org.xnio.ssl.SslConnection;

/**
 * One WebSocket of a client. It belongs to one I/O thread, on which its {@link WebSocketListener} is called.
 *
 * <p>{@link #send}, {@link #ping}, {@link #close}, {@link #abort} and {@link #execute} may be called from any thread and return at
 * once; what one thread calls takes effect in that order, also with respect to what other threads were seen to have called before.
 * Nothing is written before the I/O thread's turn, and then all that is queued for a connection leaves in as few writes as
 * possible. There is no callback for "sent": {@link #unsentBytes} tells what the socket has not taken yet, and a
 * {@linkplain WebSocketListener#pong pong} proves that the client has received what was sent before its ping.
 */
public final class WebSocketConnection implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketConnection.class);

    /** After so much in one turn it is the turn of the other connections of the thread. */
    private static final int ROUNDS_PER_TURN = 4;

    /** Pongs that wait; further pings are answered by the latest of them (RFC 6455, section 5.5.3). */
    private static final int MAX_WAITING_PONGS = 128;

    private static final VarHandle UNSENT;
    private static final VarHandle ACCEPTING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            UNSENT = lookup.findVarHandle(WebSocketConnection.class, "unsent", int.class);
            ACCEPTING = lookup.findVarHandle(WebSocketConnection.class, "accepting", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final StreamConnection stream;
    private final IoLoop loop;
    private final WebSocketListener listener;
    private final WebSocketSettings settings;

    /** Bytes accepted by {@link #send} and the like, and not by the socket. */
    private volatile int unsent;

    /** False once the end has begun: nothing can be sent any more. */
    private volatile boolean accepting = true;

    private volatile long lastReceivedNanos = System.nanoTime();

    // all that follows is for the I/O thread

    private @Nullable Node firstUnsent;
    private @Nullable Node lastUnsent;
    private int firstUnsentOffset;
    private @Nullable Node lastPong;
    private int waitingPongs;

    /** Whether the socket is full: it will call back, and until then nothing is tried. */
    private boolean blocked;

    /** Kept by {@link IoLoop}. */
    boolean flushDue;

    @Nullable
    WebSocketConnection nextToFlush;

    private @Nullable Timer timers;
    private @Nullable Timer closeTimer;

    /** A close frame is queued or sent; nothing goes behind it. */
    private boolean closeQueued;

    /** Nothing that the client sends matters any more, but for the end of the stream. */
    private boolean deaf;

    /** The listener knows that it is over. */
    private boolean ended;

    /** What has begun to arrive; null between messages, as most connections are most of the time. */
    private @Nullable Incoming incoming;

    /** The first close frame, sent or received, for {@link WebSocketListener#closed}; 0 if there was none. */
    private int closeCode;

    private String closeReason = "";

    WebSocketConnection(StreamConnection stream, IoLoop loop, WebSocketListener listener, WebSocketSettings settings) {
        this.stream = stream;
        this.loop = loop;
        this.listener = listener;
        this.settings = settings;
    }

    /**
     * Takes over the stream, on its I/O thread, after the handshake response.
     *
     * @param early what the client has sent behind its handshake, and was read with it
     */
    void start(ByteBuffer early) {
        try {
            stream.setOption(Options.TCP_NODELAY, true);
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("cannot set TCP_NODELAY", e);
        }
        Readiness readiness = new Readiness();
        source().setReadReadyHandler(readiness);
        sink().setWriteReadyHandler(readiness);
        guard(() -> listener.opened(this));
        stream.setCloseListener(readiness);
        if (early.hasRemaining()) {
            int count = early.remaining();
            loop.readScratch().put(early);
            received(count);
        }
        if (stream.isOpen()) {
            readable();
        }
        if (stream.isOpen()) {
            source().resumeReads();
        }
    }

    // the channels around them would be four more objects for each connection, and a call more for each read and write

    private StreamSourceConduit source() {
        return stream.getSourceChannel().getConduit();
    }

    private StreamSinkConduit sink() {
        return stream.getSinkChannel().getConduit();
    }

    /** What XNIO tells of the socket. */
    private final class Readiness implements ReadReadyHandler, WriteReadyHandler, ChannelListener<StreamConnection> {
        @Override
        public void readReady() {
            readable();
        }

        @Override
        public void writeReady() {
            writable();
        }

        @Override
        public void forceTermination() {
            IoUtils.safeClose(stream);
        }

        /** One side is shut down; {@link #handleEvent} tells when both are. */
        @Override
        public void terminated() {}

        @Override
        public void handleEvent(StreamConnection closed) {
            disconnected();
        }
    }

    // ---- any thread

    /**
     * Sends {@code frame} behind all that was sent before.
     *
     * @return whether it was accepted; if not, the connection has ended or is being closed. A frame that would take {@link
     *     #unsentBytes} over the limit is not accepted, and the connection is aborted
     */
    public boolean send(Frame frame) {
        if (!reserve(frame.length())) {
            return false;
        }
        loop.post(new Node(this, frame));
        return true;
    }

    /** Sends all or none of {@code frames}, in one write if the socket takes it; otherwise as {@link #send(Frame)}. */
    public boolean send(List<Frame> frames) {
        long bytes = 0;
        for (Frame frame : frames) {
            bytes += frame.length();
        }
        if (!reserve(bytes)) {
            return false;
        }
        Node newest = null;
        Node oldest = null;
        for (Frame frame : frames) {
            Node node = new Node(this, frame);
            node.next = newest;
            newest = node;
            if (oldest == null) {
                oldest = node;
            }
        }
        if (newest != null && oldest != null) {
            loop.post(newest, oldest);
        }
        return true;
    }

    /**
     * Sends a ping behind all that was sent before. The client answers in order (RFC 6455, sections 5.5.2 and 5.5.3), so {@link
     * WebSocketListener#pong} with the same token proves that it has received everything before. It may skip pongs for pings
     * that it has not answered yet, so a later token answers for earlier ones.
     *
     * @return as {@link #send(Frame)}
     */
    public boolean ping(long token) {
        return send(Frame.ping(token));
    }

    /**
     * Begins the closing handshake (section 7.1.2) behind all that was sent before; nothing can be sent any more. The
     * connection is dropped if the handshake is not done within {@link WebSocketSettings#closeTimeout}. Only the first call counts.
     *
     * @param code 1000 to 1003, 1007 to 1014 or 3000 to 4999
     * @param reason at most 123 bytes of UTF-8
     */
    public void close(int code, String reason) {
        Frame frame = Frame.close(code, reason);
        if (ACCEPTING.compareAndSet(this, true, false)) {
            execute(() -> beginClose(frame, code, reason));
        }
    }

    /** Drops the connection without a handshake, and all that waits to be sent. */
    public void abort() {
        accepting = false;
        execute(() -> terminate(CloseCodes.ABNORMAL, "aborted by the server"));
    }

    /** Runs {@code task} on the I/O thread behind all that was called before, also if the connection has ended by then. */
    @Override
    public void execute(Runnable task) {
        loop.post(new Node(this, task));
    }

    /** Bytes that were accepted to be sent, headers included, and that the socket has not taken yet. Exact at any time. */
    public int unsentBytes() {
        return unsent;
    }

    /** The {@link System#nanoTime} at which bytes of the client have last arrived, whatever they were; at first the handshake. */
    public long lastReceivedNanos() {
        return lastReceivedNanos;
    }

    /** Whether {@link #send} may still be accepted. */
    public boolean isOpen() {
        return accepting;
    }

    /** The thread that calls the listener; the same for the life of the connection. */
    public XnioIoThread ioThread() {
        return loop.thread();
    }

    /** Whether the caller is on {@link #ioThread}. */
    public boolean isInIoThread() {
        return loop.isCurrentThread();
    }

    IoLoop loop() {
        return loop;
    }

    /** Counts bytes as unsent that are going to be posted, unless they are too many. */
    boolean reserve(long bytes) {
        if (!accepting) {
            return false;
        }
        if (bytes <= settings.maxUnsentBytes()) {
            int before = (int) UNSENT.getAndAdd(this, (int) bytes);
            if (before + bytes <= settings.maxUnsentBytes()) {
                return true;
            }
            UNSENT.getAndAdd(this, -(int) bytes);
        }
        if (ACCEPTING.compareAndSet(this, true, false)) {
            String reason = "more than " + settings.maxUnsentBytes() + " bytes unsent";
            execute(() -> terminate(CloseCodes.ABNORMAL, reason));
        }
        return false;
    }

    // ---- I/O thread: timers

    /**
     * Runs {@code task} once after {@code delay} on the I/O thread, to a millisecond or two, unless the connection has ended. To
     * be called on the I/O thread.
     */
    public Timer schedule(Duration delay, Runnable task) {
        if (!isInIoThread()) {
            throw new IllegalStateException("timers belong to the connection's I/O thread");
        }
        Timer timer = new Timer(loop.timers(), this, task);
        timer.restart(delay);
        return timer;
    }

    /** Keeps {@code timer} in the list of those to be cancelled at the end; false if it is over. */
    boolean adopt(Timer timer) {
        if (ended && timer != closeTimer) {
            return false;
        }
        if (!timer.listed) {
            timer.listed = true;
            timer.next = armed(timers);
            timers = timer;
        }
        return true;
    }

    /** Drops the timers that are not armed from the list. */
    private static @Nullable Timer armed(@Nullable Timer list) {
        Timer kept = null;
        Timer timer = list;
        while (timer != null) {
            Timer next = timer.next;
            timer.listed = timer.isArmed();
            timer.next = timer.listed ? kept : null;
            kept = timer.listed ? timer : kept;
            timer = next;
        }
        return kept;
    }

    private void cancelTimers() {
        Timer timer = timers;
        timers = null;
        while (timer != null) {
            Timer next = timer.next;
            timer.cancel();
            timer.listed = false;
            timer.next = null;
            timer = next;
        }
    }

    // ---- I/O thread: sending

    /** One post of the mailbox. */
    void accept(Node node) {
        if (node.content instanceof Frame frame) {
            if (closeQueued || ended) {
                UNSENT.getAndAdd(this, -frame.length());
            } else {
                enqueue(node);
            }
        } else {
            guard((Runnable) node.content);
        }
    }

    private void enqueue(Node node) {
        Node last = lastUnsent;
        if (last == null) {
            firstUnsent = node;
        } else {
            last.next = node;
        }
        lastUnsent = node;
        if (!blocked) {
            loop.flushLater(this);
        }
    }

    private void enqueue(Frame frame) {
        UNSENT.getAndAdd(this, frame.length());
        enqueue(new Node(this, frame));
    }

    private void writable() {
        StreamSinkConduit sink = sink();
        loop.selected();
        if (ended) {
            flushEnd(sink);
            return;
        }
        blocked = false;
        flush();
        if (!blocked && !ended) {
            sink.suspendWrites();
        }
    }

    /** Writes what is queued, unless the socket is known to be full. */
    void flush() {
        if (blocked || ended) {
            return;
        }
        StreamSinkConduit sink = sink();
        try {
            for (int round = 0; firstUnsent != null; round++) {
                if (round == ROUNDS_PER_TURN) {
                    block(sink);
                    return;
                }
                ByteBuffer scratch = gather();
                int written = sink.write(scratch);
                sent(written);
                if (scratch.hasRemaining()) {
                    block(sink);
                    return;
                }
            }
            if (!sink.flush()) {
                block(sink);
            } else if (closeQueued && deaf) {
                finish();
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("write failed", e);
            terminate(CloseCodes.ABNORMAL, "connection lost");
        }
    }

    private void block(StreamSinkConduit sink) {
        blocked = true;
        sink.resumeWrites();
    }

    /** As many queued bytes as one write can carry, and never a walk over more of the queue than that. */
    private ByteBuffer gather() {
        ByteBuffer scratch = loop.writeScratch();
        int offset = firstUnsentOffset;
        for (Node node = firstUnsent; node != null && scratch.hasRemaining(); node = node.next) {
            ((Frame) node.content).copyTo(scratch, offset);
            offset = 0;
        }
        return scratch.flip();
    }

    private void sent(int bytes) {
        int left = bytes + firstUnsentOffset;
        Node node = firstUnsent;
        while (node != null) {
            int length = ((Frame) node.content).length();
            if (left < length) {
                break;
            }
            left -= length;
            if (node == lastPong) {
                lastPong = null;
                waitingPongs = 0;
            }
            Node next = node.next;
            node.next = null;
            node = next;
        }
        firstUnsent = node;
        firstUnsentOffset = left;
        if (node == null) {
            lastUnsent = null;
        }
        UNSENT.getAndAdd(this, -bytes);
    }

    private void dropUnsent() {
        int bytes = -firstUnsentOffset;
        for (Node node = firstUnsent; node != null; node = node.next) {
            bytes += ((Frame) node.content).length();
        }
        firstUnsent = null;
        lastUnsent = null;
        lastPong = null;
        firstUnsentOffset = 0;
        UNSENT.getAndAdd(this, -bytes);
    }

    private void answerPing(byte[] buffer, int offset, int length) {
        if (closeQueued) {
            return;
        }
        Frame pong = Frame.pong(buffer, offset, length);
        Node waiting = lastPong;
        if (waiting != null && waitingPongs >= MAX_WAITING_PONGS && waiting != firstUnsent) {
            UNSENT.getAndAdd(this, pong.length() - ((Frame) waiting.content).length());
            waiting.content = pong;
            return;
        }
        enqueue(pong);
        lastPong = lastUnsent;
        waitingPongs++;
    }

    // ---- I/O thread: receiving

    private void readable() {
        StreamSourceConduit source = source();
        loop.selected();
        try {
            boolean mayHoldMore = stream instanceof SslConnection; // more than the socket holds may be waiting in TLS
            for (int round = 0; round < ROUNDS_PER_TURN; round++) {
                int count = source.read(loop.readScratch());
                if (count == -1) {
                    endOfStream();
                    return;
                }
                if (count == 0) {
                    return;
                }
                received(count);
                if (!stream.isOpen() || (!mayHoldMore && count < IoLoop.SCRATCH_BYTES)) {
                    return;
                }
            }
            source.wakeupReads();
        } catch (IOException e) {
            LOG.debug("read failed", e);
            endOfStream();
        }
    }

    /** The first {@code count} bytes of the scratch. */
    private void received(int count) {
        lastReceivedNanos = System.nanoTime();
        if (deaf) {
            return;
        }
        Incoming decoder = incoming == null ? new Incoming(settings.maxMessageBytes()) : incoming;
        incoming = decoder;
        try {
            decoder.decode(loop.readBytes(), 0, count);
        } catch (RuntimeException e) {
            LOG.error("decoding failed, the connection is dropped", e);
            terminate(CloseCodes.ABNORMAL, "internal error");
        }
        if (decoder.isBetweenMessages()) {
            incoming = null;
        }
    }

    private void endOfStream() {
        if (closeCode != 0 && deaf) {
            terminate(closeCode, closeReason);
        } else {
            terminate(CloseCodes.ABNORMAL, "connection lost");
        }
    }

    /** What the client has sent, taken apart. */
    private final class Incoming extends FrameDecoder {
        Incoming(int maxMessageBytes) {
            super(maxMessageBytes);
        }

        @Override
        void text(String text) {
            if (accepting) {
                guard(() -> listener.text(WebSocketConnection.this, text));
            }
        }

        @Override
        void binary(ByteBuffer payload) {
            if (accepting) {
                guard(() -> listener.binary(WebSocketConnection.this, payload));
            }
        }

        @Override
        void ping(byte[] buffer, int offset, int payloadLength) {
            answerPing(buffer, offset, payloadLength);
        }

        @Override
        void pong(byte[] buffer, int offset, int payloadLength) {
            if (payloadLength == Long.BYTES && !ended) {
                long token = ByteBuffer.wrap(buffer, offset, payloadLength).getLong();
                guard(() -> listener.pong(WebSocketConnection.this, token));
            }
        }

        @Override
        void close(int code, String reason) {
            peerClosed(code, reason);
        }

        @Override
        void failed(int code, String reason) {
            fail(code, reason);
        }
    }

    /** Runs what belongs to the listener: whatever it throws ends this connection and no other. */
    void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a listener failed, its connection is closed with {}", CloseCodes.INTERNAL_ERROR, e);
            fail(CloseCodes.INTERNAL_ERROR, "internal error");
        }
    }

    // ---- I/O thread: the end

    private void beginClose(Frame frame, int code, String reason) {
        accepting = false;
        if (closeQueued || ended) {
            return;
        }
        closeQueued = true;
        if (closeCode == 0) {
            closeCode = code;
            closeReason = reason;
        }
        armCloseTimer(settings.closeTimeout());
        enqueue(frame);
    }

    /** Section 7.1.7: says why, and does not wait for an answer. */
    private void fail(int code, String reason) {
        deafen();
        if (ended) {
            return;
        }
        if (closeQueued) {
            // the close frame is on its way already, with another reason
            loop.flushLater(this);
            return;
        }
        beginCloseLater(Frame.close(code, reason), code, reason);
    }

    private void peerClosed(int code, String reason) {
        deafen();
        if (closeQueued) {
            loop.flushLater(this);
        } else {
            beginCloseLater(Frame.close(code, ""), code, reason);
        }
    }

    /** Behind what the listener has sent in answer to what came before, and what waits in the mailbox. */
    private void beginCloseLater(Frame frame, int code, String reason) {
        accepting = false;
        if (closeCode == 0) {
            closeCode = code;
            closeReason = reason;
        }
        execute(() -> beginClose(frame, code, reason));
    }

    private void deafen() {
        deaf = true;
        if (incoming != null) {
            incoming.stop();
        }
    }

    private void armCloseTimer(Duration timeout) {
        Timer timer = closeTimer;
        if (timer == null) {
            timer = new Timer(loop.timers(), this, this::closeTimedOut);
            closeTimer = timer;
        }
        timer.restart(timeout);
    }

    private void closeTimedOut() {
        if (deaf) {
            terminate(closeCode, closeReason);
        } else {
            terminate(CloseCodes.ABNORMAL, "no answer to the close frame");
        }
    }

    /**
     * The closing handshake is done. The write side is shut down first, and what the client still sends is read and dropped until
     * it ends too: closing at once would reset the connection and could take the close frame with it.
     */
    private void finish() {
        end(closeCode, closeReason);
        armCloseTimer(settings.closeTimeout());
        StreamSinkConduit sink = sink();
        try {
            sink.terminateWrites();
        } catch (IOException e) {
            LOG.debug("shutting down writes failed", e);
            disconnect();
            return;
        }
        flushEnd(sink);
    }

    private void flushEnd(StreamSinkConduit sink) {
        try {
            if (sink.flush()) {
                sink.suspendWrites();
            } else {
                sink.resumeWrites();
            }
        } catch (IOException e) {
            LOG.debug("flush failed", e);
            disconnect();
        }
    }

    private void terminate(int code, String reason) {
        end(code, reason);
        disconnect();
    }

    private void disconnect() {
        cancelTimers();
        IoUtils.safeClose(stream);
    }

    /** The stream was closed, by us or because the server stops. */
    private void disconnected() {
        if (isInIoThread()) {
            endOfStream();
        } else {
            execute(this::endOfStream);
        }
    }

    private void end(int code, String reason) {
        accepting = false;
        deafen();
        if (ended) {
            return;
        }
        ended = true;
        cancelTimers();
        dropUnsent();
        try {
            listener.closed(this, code, reason);
        } catch (RuntimeException | Error e) {
            LOG.error("a listener failed at the end of its connection", e);
        }
    }
}
