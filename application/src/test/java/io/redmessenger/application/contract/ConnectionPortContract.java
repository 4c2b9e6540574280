package io.redmessenger.application.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.CloseReason;
import io.redmessenger.application.port.out.ConnectionPort;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link ConnectionPort} does, seen from the client at its other end. */
public interface ConnectionPortContract {

    /** The connection of a client that has identified itself; nothing was called on it yet. */
    ConnectionPort connection();

    /** The payloads that have arrived at the client, in order. */
    List<String> arrived();

    /** Whether the client has learned that the connection is closed. */
    boolean isClosedForClient();

    /** The client goes away without a word. */
    void cutOff();

    @Test
    default void deliverShouldKeepOrderOverBatchesOfAnySize() {
        ConnectionPort connection = connection();
        connection.opened(600);
        connection.deliver(offers(1, 1), true);
        connection.deliver(offers(2, 500), true);
        connection.deliver(offers(501, 501), false);
        connection.deliver(offers(502, 600), false);
        Await.until("everything arrives", () -> arrived().size() == 600);
        assertThat(arrived()).isEqualTo(payloads(1, 600));
    }

    @Test
    default void deliverShouldLeavePayloadsAsTheyAre() {
        List<String> payloads = List.of("", "100%", "😀 ☃", "\"quotes\" \\ \n\r\0", "data: x\n\nid: 1");
        connection().opened(payloads.size());
        for (int i = 0; i < payloads.size(); i++) {
            connection().deliver(List.of(offer(i + 1, payloads.get(i))), false);
        }
        Await.until("everything arrives", () -> arrived().size() == payloads.size());
        assertThat(arrived()).isEqualTo(payloads);
    }

    @Test
    default void closeShouldFollowWhatWasDelivered() {
        connection().opened(3);
        connection().deliver(offers(1, 3), true);
        connection().close(CloseReason.DISCONNECTED);
        Await.until("the client is told", this::isClosedForClient);
        assertThat(arrived()).isEqualTo(payloads(1, 3));
    }

    @Test
    default void callsAfterCloseShouldBeIgnored() {
        connection().opened(0);
        connection().close(CloseReason.REPLACED);
        connection().deliver(offers(1, 3), true);
        connection().missed(2);
        connection().close(CloseReason.GOING_AWAY);
        Await.until("the client is told", this::isClosedForClient);
        assertThat(arrived()).isEmpty();
    }

    @Test
    default void everyReasonShouldBeOneThatTheTransportCanTell() {
        connection().close(CloseReason.INBOX_UNREADABLE);
        Await.until("the client is told", this::isClosedForClient);
    }

    @Test
    default void callsAfterTheClientIsGoneShouldBeHarmless() {
        connection().opened(0);
        cutOff();
        for (int i = 1; i <= 100; i++) {
            connection().deliver(offers(i, i), true);
        }
        connection().missed(1);
        connection().close(CloseReason.GOING_AWAY);
        assertThat(connection().id()).isEqualTo(connection().id());
    }

    private static List<Delivery.Offered> offers(int from, int through) {
        return IntStream.rangeClosed(from, through)
                .mapToObj(i -> offer(i, "payload " + i))
                .toList();
    }

    private static Delivery.Offered offer(int number, String payload) {
        Message message = new Message(new MessageId("m" + number), "rm.users.ann", 1, new Payload(payload));
        return new Delivery.Queued(number, message).offer(number, false, 1);
    }

    private static List<String> payloads(int from, int through) {
        return IntStream.rangeClosed(from, through)
                .mapToObj(i -> "payload " + i)
                .toList();
    }
}
