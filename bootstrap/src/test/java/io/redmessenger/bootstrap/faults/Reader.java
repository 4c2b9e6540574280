package io.redmessenger.bootstrap.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** A client that comes back by itself, to any node, after a random pause; and records what it sees. */
abstract class Reader implements Runnable {

    /**
     * How long a reader stays, and how long it then keeps away.
     *
     * @param open milliseconds
     * @param away milliseconds
     */
    record Habit(long open, long away) {
        static final Habit STEADY = new Habit(Long.MAX_VALUE, 0);
    }

    /** A connection from which nothing comes for so long is given up; nodes ping every two seconds. */
    static final long SILENCE_MILLIS = 8_000;

    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(4);

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int SHORTEST_BACK_OFF = 100;
    private static final int LONGEST_BACK_OFF = 1_000;

    private final String name;
    private final String user;
    private final List<Node> nodes;
    private final SplittableRandom random;
    private final Habit habit;
    private final Recorder recorder;
    private int connection;
    private volatile long heard;
    private long leaveAt = Long.MAX_VALUE;
    private volatile boolean stopped;

    /** @param nodes in the order in which it tries them */
    Reader(String name, String user, List<Node> nodes, SplittableRandom random, Habit habit, Recorder recorder) {
        this.name = name;
        this.user = user;
        this.nodes = nodes;
        this.random = random;
        this.habit = habit;
        this.recorder = recorder;
    }

    /** Connects, and returns the reason when the connection has ended, or {@link #shouldLeave} became true. */
    abstract String session(int port) throws InterruptedException;

    @Override
    public final void run() {
        try {
            while (!stopped) {
                connection++;
                long opened = recorder.now();
                leaveAt = habit.open() == Long.MAX_VALUE ? Long.MAX_VALUE : opened + habit.open();
                heard = opened;
                Node node = nodes.get(connection % nodes.size());
                recorder.event(new Event.Opened(name, user, connection, node.index(), opened));
                String why = session(node.port());
                recorder.event(new Event.Closed(name, connection, why, heard, recorder.now()));
                TimeUnit.MILLISECONDS.sleep(random.nextInt(SHORTEST_BACK_OFF, LONGEST_BACK_OFF));
                if (recorder.now() >= leaveAt) {
                    rest();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void rest() throws InterruptedException {
        long end = recorder.now() + habit.away();
        while (!stopped && recorder.now() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    final boolean shouldLeave() {
        return stopped || recorder.now() >= leaveAt;
    }

    final void stop() {
        stopped = true;
    }

    /** Something came, whatever it is. */
    final void heard() {
        heard = recorder.now();
    }

    final boolean isSilent() {
        return recorder.now() - heard > SILENCE_MILLIS;
    }

    final String user() {
        return user;
    }

    /** Records an object that the server sent. Returns the id if it is a message, else an empty string. */
    final String record(String text) {
        heard();
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
        if (json.path("type").asText().equals("missed")) {
            missed(json);
        }
        if (!json.has("payload")) {
            return "";
        }
        String id = json.path("id").asText();
        recorder.event(new Event.Received(
                name,
                user,
                connection,
                id,
                json.path("payload").asText(),
                json.path("redelivered").asBoolean(),
                recorder.now()));
        return id;
    }

    final void missed(JsonNode notice) {
        recorder.event(
                new Event.Missed(name, user, connection, notice.path("count").asInt(), recorder.now()));
    }

    final void recordMissed(String text) {
        try {
            missed(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    final void recordAcknowledged(String id) {
        recorder.event(new Event.Acknowledged(name, user, connection, id, recorder.now()));
    }
}
