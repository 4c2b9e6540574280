package io.redmessenger.adapters.websocket.frame;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.util.function.Function;
import java.util.function.Supplier;
import org.xnio.Options;

/** A server on a free port of the loopback interface, for one test. */
final class WebSocketServer implements AutoCloseable {
    private final Undertow undertow;

    private WebSocketServer(
            WebSocketSettings settings, Function<HttpServerExchange, WebSocketListener> listeners, boolean dispatch) {
        WebSocketUpgrade upgrade = new WebSocketUpgrade(settings, listeners);
        undertow = Undertow.builder()
                .setIoThreads(2)
                .setWorkerThreads(2)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 1000)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 1000)
                .setSocketOption(Options.BACKLOG, 4096)
                .addHttpListener(0, "127.0.0.1")
                .setHandler(exchange -> {
                    if (!WebSocketUpgrade.isUpgradeRequest(exchange)) {
                        exchange.getResponseSender().send("a plain request\n");
                    } else if (dispatch) {
                        exchange.dispatch(upgrade);
                    } else {
                        upgrade.handleRequest(exchange);
                    }
                })
                .build();
        undertow.start();
    }

    static WebSocketServer start(Supplier<WebSocketListener> listeners) {
        return start(WebSocketSettings.defaults(), listeners);
    }

    static WebSocketServer start(WebSocketSettings settings, Supplier<WebSocketListener> listeners) {
        return new WebSocketServer(settings, exchange -> listeners.get(), false);
    }

    /** One whose handshakes are answered by a worker thread. */
    static WebSocketServer startDispatching(Supplier<WebSocketListener> listeners) {
        return new WebSocketServer(WebSocketSettings.defaults(), exchange -> listeners.get(), true);
    }

    static WebSocketServer startWithExchange(Function<HttpServerExchange, WebSocketListener> listeners) {
        return new WebSocketServer(WebSocketSettings.defaults(), listeners, false);
    }

    int port() {
        return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public void close() {
        undertow.stop();
    }
}
