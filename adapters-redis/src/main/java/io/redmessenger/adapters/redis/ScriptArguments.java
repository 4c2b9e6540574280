package io.redmessenger.adapters.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redmessenger.application.port.out.Claim;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a script is called with: keys, then arguments for the call, for each message, and for each entry. */
final class ScriptArguments {

    private final List<byte[]> keys = new ArrayList<>();
    private final List<Claim> series = new ArrayList<>(1);
    private final List<byte[]> keysOfSeries = new ArrayList<>(2);
    private final List<byte[]> leasesOfSeries = new ArrayList<>(1);
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

    /** Returns the number, from 1, of the series of work that the claim is about; its keys are behind all others, and once. */
    int seriesOf(Claim claim, RedisKeys names) {
        for (int i = 0; i < series.size(); i++) {
            Claim known = series.get(i);
            if (known.series().equals(claim.series()) && known.lease().equals(claim.lease())) {
                return i + 1;
            }
        }
        series.add(claim);
        keysOfSeries.add(names.lease(claim.lease().name()));
        keysOfSeries.add(names.done(claim.lease().name(), claim.series()));
        leasesOfSeries.add(RedisLeases.value(claim.lease()));
        return series.size();
    }

    void call(byte[]... arguments) {
        Collections.addAll(ofCall, arguments);
    }

    void message(byte[]... arguments) {
        Collections.addAll(ofMessages, arguments);
        messages++;
    }

    void entry(byte[]... arguments) {
        Collections.addAll(ofEntries, arguments);
    }

    byte[][] keys() {
        List<byte[]> all = new ArrayList<>(keys.size() + keysOfSeries.size());
        all.addAll(keys);
        all.addAll(keysOfSeries);
        return all.toArray(byte[][]::new);
    }

    byte[][] values() {
        List<byte[]> values = new ArrayList<>(ofCall.size() + ofMessages.size() + ofEntries.size() + series.size() + 2);
        values.addAll(ofCall);
        if (messages > 0) {
            values.add(utf8(messages));
            values.add(utf8(series.size()));
            values.addAll(leasesOfSeries);
        }
        values.addAll(ofMessages);
        values.addAll(ofEntries);
        return values.toArray(byte[][]::new);
    }
}
