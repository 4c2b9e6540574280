package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.recipient.UserId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalFrameTest {

    private static final String JSON = "{\"id\":\"m1\",\"source\":\"s\",\"timestamp\":1,\"payload\":\"é\"}";

    private final List<String> told = new ArrayList<>();

    private void read(String frame) {
        SignalFrame.read(frame.getBytes(UTF_8), 1, new NodeSignals.Listener() {
            @Override
            public void appended(UserId user, InboxPlace place, Message message, boolean oldestHere) {
                told.add(user + " " + place.epoch() + " " + place.position() + " "
                        + message.payload().text() + (oldestHere ? " oldest" : ""));
            }

            @Override
            public void replaced(UserId user, ConnectionId connection) {
                told.add(user + " replaces " + connection.value());
            }

            @Override
            public void storeLost() {}

            @Override
            public void storeRestored() {}
        });
    }

    @Test
    void readShouldTellOfEveryMessageAndUser() {
        String message = JSON.getBytes(UTF_8).length + "\n" + JSON;
        read("2\nann e1 7\nbob e2 9007199254740991 silent\n" + message + "1\nann e1 8\n" + message);
        assertThat(told).containsExactly("ann e1 7 é oldest", "bob e2 9007199254740991 é", "ann e1 8 é oldest");
    }

    @Test
    void readShouldTellOfReplacements() {
        read("replaced ann 9007199254740993\nreplaced bob 1\n");
        assertThat(told).containsExactly("ann replaces 9007199254740993", "bob replaces 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "1",
                "1\n",
                "1\nann e\n2\n{}",
                "1\na:b e 1\n",
                "1\nann e 1 loud\n",
                "1\nann e 1 silent silent\n",
                "replaced ann",
                "replaced ann\n",
                "replaced ann x\n",
                "replaced a:b 1\n",
                "replaced ann 1 2\n",
                "silent\n",
                "1\nann e x\n",
                "0\n99\n{}",
                "0\n-1\n",
                "0\n2\n{}"
            })
    void readShouldRefuseWhatIsNoSignal(String frame) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(frame));
        assertThat(told).isEmpty();
    }
}
