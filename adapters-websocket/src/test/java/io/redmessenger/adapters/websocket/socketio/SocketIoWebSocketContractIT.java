package io.redmessenger.adapters.websocket.socketio;

import io.redmessenger.application.contract.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** By WebSocket, seen by the JDK's client. */
class SocketIoWebSocketContractIT extends SocketIoConnectionContract {

    private @Nullable WebSocket client;

    @Override
    void connectTo(int port) {
        URI uri = URI.create("ws://127.0.0.1:" + port + "/socket.io/?EIO=4&transport=websocket");
        client = Await.value(HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri, new WebSocket.Listener() {
            private final StringBuilder partial = new StringBuilder();

            @Override
            public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                partial.append(data);
                if (last) {
                    came(partial.toString());
                    partial.setLength(0);
                }
                socket.request(1);
                return null;
            }

            @Override
            public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                ended();
                return null;
            }

            @Override
            public void onError(WebSocket socket, Throwable error) {
                ended();
            }
        }));
        Await.value(client.sendText("40/rm,{\"uid\":\"ann\"}", true));
    }

    @Override
    public void cutOff() {
        if (client != null) {
            client.abort();
        }
    }
}
