package io.redmessenger.adapters.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.application.port.out.Telemetry;
import io.redmessenger.application.port.out.Telemetry.Event;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that Redis is another one than before, by its replication id: that is new after a failover and after a restart.
 * For reports only; whether anything was lost the inboxes tell. Without the right to INFO nothing is noticed.
 */
final class RedisIdentity {

    private static final Logger log = LoggerFactory.getLogger(RedisIdentity.class);
    private static final Pattern REPLICATION_ID = Pattern.compile("(?m)^master_replid:(\\w+)");

    private final Telemetry telemetry;
    private final AtomicReference<String> known = new AtomicReference<>("");

    RedisIdentity(Telemetry telemetry) {
        this.telemetry = telemetry;
    }

    /** Asks which Redis this is. */
    void look(RedisClusterAsyncCommands<byte[], byte[]> redis) {
        CompletionStage<String> asking = redis.info("replication");
        asking.whenComplete((text, failure) -> {
            if (failure != null) {
                log.debug("which Redis this is cannot be told: {}", failure.getMessage());
                return;
            }
            Matcher id = REPLICATION_ID.matcher(text);
            if (id.find()) {
                compare(id.group(1));
            }
        });
    }

    private void compare(String id) {
        String before = known.getAndSet(id);
        if (!before.isEmpty() && !before.equals(id)) {
            telemetry.count(Event.STORE_CHANGED);
            log.warn(
                    "Redis is another one, or was restarted (replication id {} before, {} now): what it had not kept or"
                            + " received is gone; inboxes with live connections are compared with what was shown",
                    before,
                    id);
        }
    }
}
