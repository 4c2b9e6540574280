package io.redmessenger.adapters.websocket.socketio;

import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** By long-polling, seen by a client of java.net.http that polls again as soon as it is answered. */
class SocketIoPollingContractIT extends SocketIoConnectionContract {

    private @Nullable CompletableFuture<HttpResponse<String>> poll;
    private boolean gone;

    @Override
    void connectTo(int port) {
        EngineClient opened = new EngineClient(port, 4);
        opened.open();
        opened.send("40/rm,", "42/rm,[\"identifier\",\"ann\"]");
        pollOn(opened);
    }

    private synchronized void pollOn(EngineClient opened) {
        if (gone) {
            return;
        }
        CompletableFuture<HttpResponse<String>> next = opened.polling();
        poll = next;
        next.whenComplete((response, failure) -> {
            if (failure == null && response.statusCode() == 200) {
                opened.packets(next).forEach(this::came);
                pollOn(opened);
            } else {
                ended();
            }
        });
    }

    @Override
    public synchronized void cutOff() {
        gone = true;
        if (poll != null) {
            poll.cancel(true);
        }
    }
}
