package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.NodeSignals;
import io.redmessenger.domain.connection.ConnectionId;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What {@code append.lua} and {@code attach.lua} publish to a node: see there. */
final class SignalFrame {

    private static final String REPLACED = "replaced";
    private static final String SILENT = "silent";

    private final byte[] frame;
    private int at;

    private SignalFrame(byte[] frame) {
        this.frame = frame;
    }

    /** @throws IllegalArgumentException when it is no signal of ours; some of it may have been told by then */
    static void read(byte[] frame, long now, NodeSignals.Listener listener) {
        new SignalFrame(frame).read(now, listener);
    }

    private void read(long now, NodeSignals.Listener listener) {
        while (at < frame.length) {
            String first = line();
            if (first.startsWith(REPLACED + " ")) {
                String[] words = first.split(" ", -1);
                if (words.length != 3) {
                    throw new IllegalArgumentException("a replacement has " + words.length + " words");
                }
                listener.replaced(new UserId(words[1]), new ConnectionId(Long.parseLong(words[2])));
                continue;
            }
            int users = Integer.parseInt(first);
            List<String[]> entries = new ArrayList<>();
            for (int i = 0; i < users; i++) {
                String[] entry = line().split(" ", -1);
                if (entry.length != 3 && !(entry.length == 4 && entry[3].equals(SILENT))) {
                    throw new IllegalArgumentException("an entry has " + entry.length + " words");
                }
                entries.add(entry);
            }
            int length = number();
            if (length < 0 || length > frame.length - at) {
                throw new IllegalArgumentException("a message is cut off");
            }
            Message message = message(Arrays.copyOfRange(frame, at, at + length), now);
            at += length;
            for (String[] entry : entries) {
                InboxPlace place = new InboxPlace(entry[1], Long.parseLong(entry[2]));
                listener.appended(new UserId(entry[0]), place, message, entry.length == 3);
            }
        }
    }

    private static Message message(byte[] json, long now) {
        return MessageJson.decode(json, () -> new MessageId("none"), "", now)
                .orElseThrow(() -> new IllegalArgumentException("the message cannot be read"));
    }

    private int number() {
        return Integer.parseInt(line());
    }

    private String line() {
        int end = at;
        while (end < frame.length && frame[end] != '\n') {
            end++;
        }
        if (end == frame.length) {
            throw new IllegalArgumentException("a line does not end");
        }
        String line = new String(frame, at, end - at, US_ASCII);
        at = end + 1;
        return line;
    }
}
