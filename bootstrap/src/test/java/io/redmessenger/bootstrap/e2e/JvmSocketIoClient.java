package io.redmessenger.bootstrap.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.socket.client.Ack;
import io.socket.client.IO;
import io.socket.client.Socket;
import java.net.URI;

/** The Socket.IO client of the JVM. */
final class JvmSocketIoClient extends RemoteClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Socket socket;

    JvmSocketIoClient(String transport, String url, String uid, String key) {
        IO.Options options = new IO.Options();
        options.forceNew = true;
        options.reconnectionDelay = 100;
        options.reconnectionDelayMax = 300;
        if (!transport.equals("default")) {
            options.transports = new String[] {transport};
        }
        socket = IO.socket(URI.create(url + "/rm"), options);
        socket.on(
                Socket.EVENT_CONNECT,
                nothing -> socket.emit("identifier", new Object[] {uid + ":" + key}, (Ack)
                        answer -> tell(String.valueOf(answer[0]).contains("\"ok\":true") ? "identified" : "refused")));
        socket.on("message", message -> {
            try {
                tellMessage(JSON.readTree(String.valueOf(message[0])));
            } catch (JsonProcessingException e) {
                tell("not JSON: " + e.getMessage());
            }
        });
        socket.on(Socket.EVENT_DISCONNECT, reason -> tell("disconnected"));
        socket.connect();
    }

    @Override
    public void close() {
        socket.disconnect();
    }
}
