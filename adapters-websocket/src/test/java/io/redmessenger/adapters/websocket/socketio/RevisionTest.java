package io.redmessenger.adapters.websocket.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.Client;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RevisionTest {

    private static final String JSON = "{\"a\":\"ü € 😀 \u2028 \u007f\"}";
    private static final String ASCII = "{\"a\":\"\\u00fc \\u20ac \\ud83d\\ude00 \\u2028 \u007f\"}";

    private static String text(Revision revision, String json) {
        return new String(revision.text(json.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    @Test
    void onlyTwoRevisionsShouldBeSpoken() {
        assertThat(Revision.of("3")).contains(Revision.V3);
        assertThat(Revision.of("4")).contains(Revision.V4);
        for (String other : new String[] {"", "0", "1", "2", "5", "04", "4 ", "abc", "٤"}) {
            assertThat(Revision.of(other)).isEmpty();
        }
        assertThat(Revision.of(null)).isEmpty();
    }

    @Test
    void revision3ShouldGetAsciiThatMeansTheSame() {
        assertThat(text(Revision.V3, JSON)).isEqualTo(ASCII);
        assertThat(Client.json(text(Revision.V3, JSON))).isEqualTo(Client.json(JSON));
    }

    @Test
    void revision4ShouldGetWhatThereIs() {
        assertThat(text(Revision.V4, JSON)).isEqualTo(JSON);
    }

    @Test
    void treesShouldBeWrittenForTheRevisionToo() {
        String three = Revision.V3.text(Client.json(JSON));
        assertThat(three).matches("\\p{ASCII}*");
        assertThat(Client.json(three)).isEqualTo(Client.json(JSON));
        assertThat(Revision.V4.text(Client.json(JSON))).isEqualTo(JSON);
    }
}
