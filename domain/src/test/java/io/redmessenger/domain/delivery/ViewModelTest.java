package io.redmessenger.domain.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.message.Payload;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several views of one inbox, against a model of the inbox, in random order: the seed is the case. */
class ViewModelTest {

    private static final InboxPolicy POLICY = new InboxPolicy(Duration.ofSeconds(60), 50);
    private static final int STEPS = 3_000;

    /** An inbox as a list: what the limit pushes out and what expires is known exactly. */
    private static final class Inbox {
        final List<Message> all = new ArrayList<>(); // index + 1 is the position
        long head = 1;
        long dropped;

        Delivery.Queued append(Message message) {
            all.add(message);
            if (last() - head + 1 > POLICY.limit()) {
                head++;
                dropped++;
            }
            return at(last());
        }

        long last() {
            return all.size();
        }

        Delivery.Queued at(long position) {
            return new Delivery.Queued(position, all.get((int) position - 1));
        }

        Page page(long first, int count) {
            long from = Math.max(first, head);
            long to = Math.min(last(), from + count - 1);
            return new Page(LongStream.rangeClosed(from, to).mapToObj(this::at).toList(), last(), dropped);
        }
    }

    /** One view and what it did. */
    private static final class Reader {
        final View view = new View();
        final ArrayDeque<Delivery.Queued> signals = new ArrayDeque<>(); // appended, not yet told
        final ArrayDeque<Page> pages = new ArrayDeque<>(); // read, not yet told
        final List<Delivery.Offered> offered = new ArrayList<>();
        final TreeSet<Long> gone = new TreeSet<>(); // pushed out by the limit before this view could offer them
        long acknowledged;
        long missed;
        long expired;

        Reader(Inbox inbox) {
            view.begin(inbox.head, inbox.last(), 0, inbox.dropped);
        }

        void offered(List<Delivery.Offered> offers) {
            for (Delivery.Offered offer : offers) {
                if (!offered.isEmpty()) {
                    Delivery.Offered before = offered.get(offered.size() - 1);
                    assertThat(offer.position()).isGreaterThan(before.position());
                    assertThat(offer.sequence()).isEqualTo(before.sequence() + 1);
                }
                offered.add(offer);
            }
            assertThat(offered.size() - acknowledged).isLessThanOrEqualTo(Window.LARGEST);
        }
    }

    private final Inbox inbox = new Inbox();
    private final List<Reader> readers = new ArrayList<>();
    private long now = 1_000_000;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyViewShouldOfferEveryRetainedMessageOnceAndInOrder(long seed) {
        Random random = new Random(seed);
        int appendWeight = 1 + random.nextInt(6);
        for (int i = 0; i < random.nextInt(20); i++) {
            append(random);
        }
        List<Long> begins = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            begins.add(inbox.head);
            readers.add(new Reader(inbox));
        }
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(12) < appendWeight) {
                append(random);
            } else {
                step(readers.get(random.nextInt(readers.size())), random);
            }
        }
        for (int i = 0; i < readers.size(); i++) {
            Reader reader = readers.get(i);
            finish(reader, random);
            List<Long> expected = LongStream.rangeClosed(begins.get(i), inbox.last())
                    .filter(p -> !reader.gone.contains(p))
                    .boxed()
                    .toList();
            List<Long> seen =
                    reader.offered.stream().map(Delivery.Offered::position).toList();
            assertThat(expected).containsAll(seen);
            List<Long> left = new ArrayList<>(expected);
            left.removeAll(seen);
            assertThat(left)
                    .as("only what had expired is not offered")
                    .hasSize((int) reader.expired)
                    .allSatisfy(p -> assertThat(POLICY.hasExpired(inbox.at(p).message(), now))
                            .isTrue());
            assertThat(reader.missed).isEqualTo(reader.gone.size());
            assertThat(reader.view.done().map(Mark::position)).contains(inbox.last());
            assertThat(reader.view.offeredThrough()).isEqualTo(inbox.last());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aViewWhoseClientProvesNothingShouldNotBeDoneWithWhatItOffered(long seed) {
        Random random = new Random(seed);
        Reader reader = new Reader(inbox);
        readers.add(reader);
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(12) < 4) {
                append(random);
            } else if (random.nextInt(4) > 0) {
                stepUnproved(reader, random);
            } else {
                tellPage(reader);
            }
            if (!reader.offered.isEmpty() && reader.view.done().isPresent()) {
                assertThat(reader.view.done().get().position())
                        .isLessThan(reader.offered.get(0).position());
            }
        }
        assertThat(reader.offered).hasSizeGreaterThan(100);
        assertThat(reader.expired).isPositive();
    }

    private void stepUnproved(Reader reader, Random random) {
        reader.signals.clear(); // so that it reads, and finds what has expired
        reader.view.heardOf(inbox.last());
        if (reader.pages.isEmpty() && reader.view.wantsPage()) {
            long next = reader.view.next();
            reader.pages.add(inbox.page(next, 1 + random.nextInt(reader.view.startReading())));
        } else if (!reader.offered.isEmpty()) {
            long newest = reader.offered.get(reader.offered.size() - 1).sequence();
            reader.view.written(newest);
            reader.acknowledged = reader.offered.size(); // they are on their way no more
        }
    }

    private void append(Random random) {
        now += random.nextInt(20);
        long position = inbox.last() + 1;
        long ttl = random.nextInt(10) == 0 ? 1 + random.nextInt(200) : Message.NO_TTL;
        Delivery.Queued queued = inbox.append(new Message(
                new MessageId("m" + position), "rm.users.ann", now, new Payload("x".repeat(random.nextInt(9))), ttl));
        for (Reader reader : readers) {
            if (random.nextInt(20) > 0) { // some signals get lost
                reader.signals.add(queued);
            }
        }
    }

    private void step(Reader reader, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                Delivery.Queued signal = reader.signals.poll();
                if (signal != null) {
                    reader.view.appended(signal, now).ifPresent(offer -> reader.offered(List.of(offer)));
                }
            }
            case 1 -> {
                if (reader.view.wantsPage()) {
                    long next = reader.view.next();
                    int room = reader.view.startReading();
                    assertThat(room).isPositive();
                    if (random.nextInt(10) == 0) {
                        reader.view.readingFailed();
                        assertThat(reader.view.wantsPage()).isTrue();
                    } else {
                        reader.pages.add(inbox.page(next, 1 + random.nextInt(room)));
                    }
                }
            }
            case 2 -> tellPage(reader);
            default -> {
                if (!reader.offered.isEmpty()) {
                    long newest = reader.offered.get(reader.offered.size() - 1).sequence();
                    long sequence = random.nextLong(newest + 2); // old ones, and one too many, too
                    int count = reader.view.acknowledge(sequence, now).size();
                    assertThat((long) count).isEqualTo(Math.max(0, Math.min(sequence, newest) - reader.acknowledged));
                    reader.acknowledged += count;
                }
            }
        }
    }

    private void tellPage(Reader reader) {
        Page page = reader.pages.poll();
        if (page != null) {
            long newHead = page.queued().isEmpty()
                    ? page.last() + 1
                    : page.queued().get(0).position();
            for (long position = reader.view.next(); position < newHead; position++) {
                assertThat(position).isLessThan(inbox.head);
                reader.gone.add(position);
            }
            View.Reading reading = reader.view.read(page, POLICY, now);
            reader.missed += reading.missed();
            reader.expired += reading.expired();
            reader.offered(reading.offers());
        }
    }

    /** Tells the view everything, as a new attachment would, and acknowledges until there is nothing left. */
    private void finish(Reader reader, Random random) {
        while (reader.view.next() <= inbox.last()
                || reader.view.sequenceOf(lastOffered(reader)).isPresent()) {
            tellPage(reader);
            reader.view.heardOf(inbox.last());
            if (!reader.offered.isEmpty()) {
                long newest = reader.offered.get(reader.offered.size() - 1).sequence();
                reader.acknowledged += reader.view.acknowledge(newest, now).size();
            }
            if (reader.view.wantsPage()) {
                long next = reader.view.next();
                reader.pages.add(inbox.page(next, 1 + random.nextInt(reader.view.startReading())));
            }
        }
    }

    private static MessageId lastOffered(Reader reader) {
        return reader.offered.isEmpty()
                ? new MessageId("none")
                : reader.offered.get(reader.offered.size() - 1).message().id();
    }
}
