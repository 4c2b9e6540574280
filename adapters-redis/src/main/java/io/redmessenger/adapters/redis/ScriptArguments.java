package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/** What a script is called with: keys, then arguments for the call, for each message, and for each entry. */
final class ScriptArguments {

    private final List<byte[]> keys = new ArrayList<>();
    private final List<byte[]> keysOfClaims = new ArrayList<>();
    private final List<byte[]> ofCall = new ArrayList<>();
    private final List<byte[]> ofMessages = new ArrayList<>();
    private final List<byte[]> ofEntries = new ArrayList<>();
    private int messages;

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    static byte[] utf8(long number) {
        return utf8(Long.toString(number));
    }

    void key(byte[] key) {
        keys.add(key);
    }

    /** A key behind all others. */
    void keyOfClaim(byte[] key) {
        keysOfClaims.add(key);
    }

    void call(byte[]... arguments) {
        ofCall.addAll(List.of(arguments));
    }

    /** Returns the number of the message, from 1. */
    int message(byte[]... arguments) {
        ofMessages.addAll(List.of(arguments));
        return ++messages;
    }

    void entry(byte[]... arguments) {
        ofEntries.addAll(List.of(arguments));
    }

    byte[][] keys() {
        List<byte[]> all = new ArrayList<>(keys.size() + keysOfClaims.size());
        all.addAll(keys);
        all.addAll(keysOfClaims);
        return all.toArray(byte[][]::new);
    }

    byte[][] values() {
        List<byte[]> values = new ArrayList<>(ofCall.size() + ofMessages.size() + ofEntries.size() + 1);
        values.addAll(ofCall);
        if (messages > 0) {
            values.add(utf8(messages));
        }
        values.addAll(ofMessages);
        values.addAll(ofEntries);
        return values.toArray(byte[][]::new);
    }
}
