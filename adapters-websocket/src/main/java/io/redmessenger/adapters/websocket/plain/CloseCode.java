package io.redmessenger.adapters.websocket.plain;

import io.redmessenger.application.port.out.CloseReason;
import java.util.concurrent.ThreadLocalRandom;

/** The close codes of RFC 6455 (section 7.4) and of our own that this protocol uses. */
enum CloseCode {
    GOING_AWAY(1001),
    INTERNAL_ERROR(1011),
    TRY_AGAIN_LATER(1013),
    BAD_REQUEST(4400),
    UNAUTHORIZED(4401),
    IDENTIFY_TIMEOUT(4408),
    REPLACED(4409),
    DISCONNECTED(4440);

    /** Clients are asked to come back after 1 to this many seconds, each after another time. */
    private static final int MOST_SECONDS_AWAY = 5;

    final int number;

    CloseCode(int number) {
        this.number = number;
    }

    static CloseCode of(CloseReason reason) {
        return switch (reason) {
            case UNAUTHORIZED -> UNAUTHORIZED;
            case REPLACED -> REPLACED;
            case STORE_UNAVAILABLE, NODE_FULL -> TRY_AGAIN_LATER;
            case INBOX_UNREADABLE, INTERNAL -> INTERNAL_ERROR;
            case DISCONNECTED -> DISCONNECTED;
            case GOING_AWAY -> GOING_AWAY;
        };
    }

    /** The text of the close frame. */
    static String textOf(CloseReason reason) {
        return reason == CloseReason.GOING_AWAY
                ? "retry-after=" + ThreadLocalRandom.current().nextInt(1, MOST_SECONDS_AWAY + 1)
                : reason.message();
    }
}
