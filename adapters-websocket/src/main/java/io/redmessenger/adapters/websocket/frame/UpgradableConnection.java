package io.redmessenger.adapters.websocket.frame;

import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.Option;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * A client's connection as Undertow gets it, out of which a WebSocket can take the real one.
 *
 * <p>Undertow keeps about a kilobyte for each connection (parser, conduits, timeout, a place in a set), also after an upgrade,
 * and until the end, when there is no use for it any more. {@link #release} lets it believe that the connection has ended, and
 * all of that is freed.
 */
public final class UpgradableConnection extends StreamConnection {

    /** The real connection can be told only once whom to tell of its end, and must not keep this one afterwards. */
    private static final class End implements ChannelListener<StreamConnection> {
        private volatile @Nullable UpgradableConnection informed;

        @Override
        public void handleEvent(StreamConnection ended) {
            IoUtils.safeClose(informed);
        }
    }

    private final StreamConnection real;
    private final End end = new End();
    private volatile boolean released;

    private UpgradableConnection(StreamConnection real) {
        super(real.getIoThread());
        this.real = real;
        setSourceConduit(real.getSourceChannel().getConduit());
        setSinkConduit(real.getSinkChannel().getConduit());
        end.informed = this;
        real.setCloseListener(end);
    }

    /** Hands new connections to {@code undertow}, wrapped; but for TLS, which it wants to see. */
    public static ChannelListener<StreamConnection> handedTo(ChannelListener<? super StreamConnection> undertow) {
        return real -> undertow.handleEvent(real instanceof SslConnection ? real : new UpgradableConnection(real));
    }

    /** The real connection, which from now on has nothing to do with this one: this one has ended. */
    StreamConnection release() {
        released = true;
        end.informed = null;
        IoUtils.safeClose(this);
        return real;
    }

    @Override
    protected void closeAction() throws IOException {
        if (!released) {
            real.close();
        }
    }

    @Override
    public boolean isOpen() {
        return !released && real.isOpen();
    }

    @Override
    public boolean isReadShutdown() {
        return released || real.isReadShutdown();
    }

    @Override
    public boolean isWriteShutdown() {
        return released || real.isWriteShutdown();
    }

    /** The real connection tells its conduits. */
    @Override
    protected void notifyReadClosed() {}

    /** The real connection tells its conduits. */
    @Override
    protected void notifyWriteClosed() {}

    @Override
    public SocketAddress getPeerAddress() {
        return real.getPeerAddress();
    }

    @Override
    public SocketAddress getLocalAddress() {
        return real.getLocalAddress();
    }

    @Override
    public boolean supportsOption(Option<?> option) {
        return real.supportsOption(option);
    }

    @Override
    public <T> T getOption(Option<T> option) throws IOException {
        return real.getOption(option);
    }

    @Override
    public <T> T setOption(Option<T> option, T value) throws IOException {
        return real.setOption(option, value);
    }
}
