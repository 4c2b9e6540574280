package io.redmessenger.application.port.out;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What one check has found out, in words for somebody who is new to all this.
 *
 * @param check the name of the check, the same in every run: words in lower case, joined by hyphens
 * @param state how that is to be taken
 * @param summary what is the case, in one line
 * @param meaning what comes of it, and what to do; empty only when all is well
 * @param command what mends it, or tells more, when it is pasted into a shell; one line
 */
public record Finding(String check, State state, String summary, Optional<String> meaning, Optional<String> command) {

    private static final Pattern NAME = Pattern.compile("[a-z]+(-[a-z]+)*");

    /** How a finding is to be taken. */
    public enum State {
        /** All is well. */
        OK,
        /** It works, and will fail some day, or under load. */
        WARNING,
        /** It does not work, or loses messages. */
        PROBLEM,
        /** It could not be found out. */
        SKIPPED
    }

    public Finding {
        if (!NAME.matcher(check).matches()) {
            throw new IllegalArgumentException("a check is named by words in lower case with hyphens, got " + check);
        }
        if (summary.isBlank() || summary.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("the summary of " + check + " must be one line");
        }
        if (state != State.OK && meaning.isEmpty()) {
            throw new IllegalArgumentException("what is not ok must be explained: " + check);
        }
        if (command.filter(line -> line.indexOf('\n') >= 0).isPresent()) {
            throw new IllegalArgumentException("the command of " + check + " must be one line");
        }
    }

    public static Finding ok(String check, String summary) {
        return new Finding(check, State.OK, summary, Optional.empty(), Optional.empty());
    }

    public static Finding warning(String check, String summary, String meaning, String command) {
        return new Finding(check, State.WARNING, summary, Optional.of(meaning), Optional.of(command));
    }

    public static Finding problem(String check, String summary, String meaning, String command) {
        return new Finding(check, State.PROBLEM, summary, Optional.of(meaning), Optional.of(command));
    }

    public static Finding skipped(String check, String summary, String meaning) {
        return new Finding(check, State.SKIPPED, summary, Optional.of(meaning), Optional.empty());
    }

    public static Finding skipped(String check, String summary, String meaning, String command) {
        return new Finding(check, State.SKIPPED, summary, Optional.of(meaning), Optional.of(command));
    }
}
