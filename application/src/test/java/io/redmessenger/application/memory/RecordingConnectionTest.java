package io.redmessenger.application.memory;

import io.redmessenger.application.contract.ConnectionPortContract;
import io.redmessenger.application.port.out.ConnectionPort;
import java.util.List;

class RecordingConnectionTest implements ConnectionPortContract {

    private final RecordingConnection connection = new RecordingConnection(1);

    @Override
    public ConnectionPort connection() {
        return connection;
    }

    @Override
    public List<String> arrived() {
        return connection.payloads();
    }

    @Override
    public boolean isClosedForClient() {
        return connection.closed().isPresent();
    }

    @Override
    public void cutOff() {
        // there is nobody at the other end
    }
}
