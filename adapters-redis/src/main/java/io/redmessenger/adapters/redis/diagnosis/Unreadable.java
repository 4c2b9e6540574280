package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;

/** What to say of what may not be read. */
final class Unreadable {

    private Unreadable() {}

    static Finding info(String check, String what, RedisCli cli) {
        return Finding.skipped(
                check,
                what + " cannot be read here: INFO is not allowed",
                "Look in your provider's console, or give this user the right +info.",
                cli.administrator("ACL", "SETUSER", cli.user().orElse("default"), "+info"));
    }

    static Finding config(String check, String what, String wanted) {
        return Finding.skipped(
                check,
                what + " cannot be read here: CONFIG is not allowed",
                "Look in your provider's console, or run this check as an administrator of Redis. It should be: "
                        + wanted + ".");
    }
}
