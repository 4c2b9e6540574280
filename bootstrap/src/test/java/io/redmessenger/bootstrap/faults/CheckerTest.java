package io.redmessenger.bootstrap.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redmessenger.bootstrap.faults.Report.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whoever watches the watchman: each planted fault is found, and a good history is not blamed. */
class CheckerTest {

    private final List<Published> published = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Set<Way> fragile = EnumSet.of(Way.PUBLISH);
    private final Map<String, List<String>> unread = new HashMap<>();
    private final Map<String, List<String>> left = new HashMap<>();
    private final List<String> undone = new ArrayList<>();
    private long now;

    private Report report() {
        return Checker.check(new History(published, events, faults, fragile, unread, left, undone));
    }

    private void assertFound(Kind kind, int times) {
        Report report = report();
        assertThat(report.count(kind)).as(report.toString()).isEqualTo(times);
        assertThat(report.violations()).as(report.toString()).hasSize(times);
    }

    private void assertClean() {
        assertThat(report().violations()).isEmpty();
    }

    private Published message(Way way, int number, boolean accepted, boolean mayExpire, String... users) {
        String address = users.length == 1 ? "rm.users." + users[0] : "rm.channels.all";
        return new Published(
                way, "p", address, number, "m" + number, List.of(users), accepted, mayExpire, now, now + 5);
    }

    private void publish(int... numbers) {
        for (int number : numbers) {
            published.add(message(Way.STREAM, number, true, false, "ann"));
            now += 10;
        }
    }

    private void open(String reader, int connection) {
        events.add(new Event.Opened(reader, "ann", connection, 0, now));
    }

    private void receive(String reader, int connection, int... numbers) {
        for (int number : numbers) {
            receiveAs("id" + number, reader, connection, number);
        }
    }

    private void receiveAs(String id, String reader, int connection, int number) {
        now += 10;
        events.add(new Event.Received(reader, "ann", connection, id, "m" + number, false, now));
    }

    private void acknowledge(String reader, int connection, int number) {
        now += 10;
        events.add(new Event.Acknowledged(reader, "ann", connection, "id" + number, now));
    }

    private void close(String reader, int connection) {
        events.add(new Event.Closed(reader, connection, "test", now, now));
    }

    // ---- good histories

    @Test
    void checkShouldFindNothingInAGoodHistory() {
        publish(1, 2, 3, 4);
        open("r", 1);
        receive("r", 1, 1, 2, 3);
        acknowledge("r", 1, 2);
        now += Checker.SETTLING_MILLIS;
        close("r", 1);
        open("r", 2);
        receive("r", 2, 3, 4); // 3 again, with the same id
        acknowledge("r", 2, 4);
        close("r", 2);
        assertClean();
        Report report = report();
        assertThat(report.number("accepted by STREAM")).isEqualTo(4);
        assertThat(report.number("owed: accepted, once for each user it was for"))
                .isEqualTo(4);
        assertThat(report.number("delivered, each once per user")).isEqualTo(4);
        assertThat(report.number("delivered again, to other connections or after a fault"))
                .isEqualTo(1);
        assertThat(report.number("messages whose acknowledgement must have been recorded"))
                .isEqualTo(2);
    }

    @Test
    void checkShouldNotMissWhatWasNeverAccepted() {
        publish(1);
        published.add(message(Way.HTTP, 2, false, false, "ann"));
        published.add(message(Way.HTTP, 3, true, true, "ann")); // expired
        receive("r", 1, 1);
        assertClean();
        assertThat(report().number("expired")).isEqualTo(1);
    }

    @Test
    void checkShouldNotCareForTheOrderOfWhatWasNeverAccepted() {
        publish(1);
        published.add(message(Way.STREAM, 2, false, false, "ann"));
        publish(3);
        receive("r", 1, 1, 3, 2);
        assertClean();
    }

    @Test
    void checkShouldCompareTheOrderOfOneSequenceOnly() {
        published.add(message(Way.STREAM, 1, true, false, "ann", "bob"));
        published.add(message(Way.STREAM, 2, true, false, "ann"));
        receive("r", 1, 2, 1);
        events.add(new Event.Received("b", "bob", 1, "id1", "m1", false, now));
        assertClean();
    }

    @Test
    void checkShouldAcceptWhatTheLimitDroppedWhenItWasTold() {
        publish(1, 2, 3);
        events.add(new Event.Missed("r", "ann", 1, 2, now));
        receive("r", 1, 3);
        assertClean();
        assertThat(report().number("dropped by the limit, and told")).isEqualTo(2);
    }

    @Test
    void checkShouldPromiseNothingForAFragileWayInWhileRedisFails() {
        now = 10_000;
        faults.add(new Fault("Redis killed", Fault.STORE, 10_500, 12_000));
        published.add(message(Way.PUBLISH, 1, true, false, "ann"));
        now = 11_990;
        published.add(message(Way.PUBLISH, 2, true, false, "ann"));
        assertClean();
        assertThat(report().number("accepted by PUBLISH")).isZero();
    }

    @Test
    void checkShouldAllowRepetitionWhenTheAcknowledgementMayNotHaveBeenRecorded() {
        publish(1, 2);
        open("r", 1);
        receive("r", 1, 1);
        acknowledge("r", 1, 1);
        now += Checker.SETTLING_MILLIS / 2;
        faults.add(new Fault("node killed", 0, now, now + 500));
        now += Checker.SETTLING_MILLIS; // but the fault was in between
        close("r", 1);
        open("r", 2);
        receive("r", 2, 1, 2);
        assertClean();
    }

    @Test
    void checkShouldNotTakeTheFaultsOfOtherNodesForAnExcuse() {
        publish(1);
        open("r", 1);
        receive("r", 1, 1);
        acknowledge("r", 1, 1);
        faults.add(new Fault("another node killed", 1, now, now + 10_000));
        now += Checker.SETTLING_MILLIS + 10;
        close("r", 1);
        open("r", 2);
        receive("r", 2, 1);
        assertFound(Kind.AFTER_ACKNOWLEDGEMENT, 1);
    }

    @Test
    void checkShouldAllowRepetitionWhenTheConnectionDiedUnnoticed() {
        publish(1);
        open("r", 1);
        receive("r", 1, 1);
        long heard = now;
        acknowledge("r", 1, 1);
        now += 2 * Checker.SETTLING_MILLIS;
        events.add(new Event.Closed("r", 1, "silent", heard, now));
        open("r", 2);
        receive("r", 2, 1);
        assertClean();
    }

    @Test
    void checkShouldAllowToStoreAgainWhatMayNotBeStored() {
        publish(1);
        open("r", 1);
        receive("r", 1, 1);
        faults.add(new Fault("link to Redis cut", 2, now, now + 5));
        acknowledge("r", 1, 1);
        receive("r", 1, 1);
        assertClean();
        assertThat(report().number("stored again after a fault, although acknowledged by then"))
                .isEqualTo(1);
    }

    // ---- planted faults

    @Test
    void checkShouldFindWhatWasAcknowledgedBeforeDeliveryAndLost() {
        publish(1, 2, 3);
        open("r", 1);
        receive("r", 1, 1); // the server removed 2 and 3 when it had sent them, and the connection broke
        close("r", 1);
        assertFound(Kind.LOST, 2);
    }

    @Test
    void checkShouldFindASkippedMessage() {
        publish(1, 2, 3);
        receive("r", 1, 1, 3);
        assertFound(Kind.LOST, 1);
    }

    @Test
    void checkShouldFindASkippedMessageThatComesLater() {
        publish(1, 2, 3);
        receive("r", 1, 1, 3);
        receive("r", 2, 2);
        assertFound(Kind.OUT_OF_ORDER, 1);
    }

    @Test
    void checkShouldFindASkippedMemberOfAChannel() {
        published.add(message(Way.HTTP, 1, true, false, "ann", "bob"));
        receive("r", 1, 1);
        assertFound(Kind.LOST, 1);
    }

    @Test
    void checkShouldFindTwoSwappedMessages() {
        publish(1, 2, 3, 4);
        receive("r", 1, 1, 3, 2, 4);
        assertFound(Kind.OUT_OF_ORDER, 1);
    }

    @Test
    void checkShouldFindTwoSwappedMessagesOfDifferentAddressesByPublish() {
        published.add(message(Way.PUBLISH, 1, true, false, "ann", "bob"));
        published.add(message(Way.PUBLISH, 2, true, false, "ann"));
        receive("r", 1, 2, 1);
        events.add(new Event.Received("b", "bob", 1, "id1", "m1", false, now));
        assertFound(Kind.OUT_OF_ORDER, 1);
    }

    @Test
    void checkShouldFindWhatIsDeliveredAgainOnTheConnectionThatAcknowledgedIt() {
        publish(1, 2);
        open("r", 1);
        receive("r", 1, 1, 2);
        acknowledge("r", 1, 2);
        receive("r", 1, 1);
        assertFound(Kind.AFTER_ACKNOWLEDGEMENT, 1);
    }

    @Test
    void checkShouldFindWhatIsDeliveredAfterItsAcknowledgementHadTimeToBeRecorded() {
        publish(1, 2);
        open("r", 1);
        receive("r", 1, 1, 2);
        acknowledge("r", 1, 2);
        faults.add(new Fault("node killed", 0, now, now + 500));
        now += 500 + Checker.SETTLING_MILLIS;
        close("r", 1);
        now += 1;
        open("drain", 1);
        receive("drain", 1, 1);
        assertFound(Kind.AFTER_ACKNOWLEDGEMENT, 1);
    }

    @Test
    void checkShouldFindTheSameMessageUnderTwoIds() {
        publish(1);
        receiveAs("a", "r", 1, 1);
        receiveAs("b", "r", 1, 1);
        assertFound(Kind.DUPLICATED, 1);
    }

    @Test
    void checkShouldFindTheSameMessageUnderTwoIdsAtTwoReadersOfAUser() {
        publish(1);
        receiveAs("a", "r", 1, 1);
        receiveAs("b", "s", 1, 1);
        assertFound(Kind.DUPLICATED, 1);
    }

    @Test
    void checkShouldFindWhatIsStuck() {
        publish(1, 2, 3);
        receive("r", 1, 1, 2);
        unread.put("ann", List.of("m2"));
        left.put("ann", List.of("m3"));
        undone.add("1-1");
        assertFound(Kind.STUCK, 3);
    }

    @Test
    void checkShouldFindWhatNobodyPublished() {
        publish(1);
        receive("r", 1, 1, 7);
        events.add(new Event.Received("b", "bob", 1, "id1", "m1", false, now)); // not for him
        assertFound(Kind.INVENTED, 2);
    }

    @Test
    void checkShouldFindMoreLossThanTheLimitExplains() {
        publish(1, 2, 3);
        events.add(new Event.Missed("r", "ann", 1, 1, now));
        receive("r", 1, 3);
        assertFound(Kind.LOST, 1);
    }

    @Test
    void checkShouldFindALossBesideAFaultOfRedisWhenTheWayInIsDurable() {
        faults.add(new Fault("Redis killed", Fault.STORE, 0, 10_000));
        published.add(message(Way.STREAM, 1, true, false, "ann"));
        published.add(message(Way.HTTP, 2, true, false, "ann"));
        assertFound(Kind.LOST, 2);
    }

    @Test
    void checkShouldFindALossByAFragileWayInOutsideOfFaults() {
        faults.add(new Fault("Redis killed", Fault.STORE, 10_000, 12_000));
        faults.add(new Fault("node killed", 0, 0, 1_000));
        published.add(message(Way.PUBLISH, 1, true, false, "ann"));
        assertFound(Kind.LOST, 1);
    }

    @Test
    void checkShouldRefuseAHistoryWithTheSamePayloadTwice() {
        publish(1, 1);
        assertThatThrownBy(this::report).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void reportShouldSayEveryKindAndName() {
        publish(1);
        String text = report().toString();
        Arrays.stream(Kind.values()).forEach(kind -> assertThat(text).contains(kind.name()));
        assertThat(text).contains("LOST  ann: ").contains("m1");
    }
}
