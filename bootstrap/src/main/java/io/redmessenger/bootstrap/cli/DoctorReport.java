package io.redmessenger.bootstrap.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.Finding.State;
import java.util.List;
import java.util.Locale;

/** What {@code doctor} prints. */
final class DoctorReport {

    private static final int STATE_WIDTH = 9;

    private final List<Finding> findings;

    DoctorReport(List<Finding> findings) {
        this.findings = List.copyOf(findings);
    }

    long count(State state) {
        return findings.stream().filter(finding -> finding.state() == state).count();
    }

    /** A line for each check, and two more for each that is not ok. What comes from Redis cannot disturb the terminal. */
    String text() {
        int width = findings.stream()
                        .mapToInt(finding -> finding.check().length())
                        .max()
                        .orElse(0)
                + 2;
        String indent = " ".repeat(STATE_WIDTH);
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            text.append(padded(word(finding.state()), STATE_WIDTH))
                    .append(padded(finding.check(), width))
                    .append(Printable.oneLine(finding.summary()))
                    .append('\n');
            finding.meaning()
                    .ifPresent(meaning -> text.append(indent)
                            .append(Printable.oneLine(meaning))
                            .append('\n'));
            finding.command()
                    .ifPresent(command -> text.append(indent)
                            .append("$ ")
                            .append(Printable.oneLine(command))
                            .append('\n'));
        }
        return text.append('\n').append(summary()).toString();
    }

    private String summary() {
        long problems = count(State.PROBLEM);
        long warnings = count(State.WARNING);
        return (problems == 0 ? "no problem" : problems == 1 ? "1 problem" : problems + " problems")
                + (warnings == 0 ? ", no warning" : warnings == 1 ? ", 1 warning" : ", " + warnings + " warnings")
                + ", " + count(State.OK) + " ok, " + count(State.SKIPPED) + " skipped";
    }

    String json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        for (State state : State.values()) {
            root.put(word(state), count(state));
        }
        ArrayNode all = root.putArray("findings");
        for (Finding finding : findings) {
            ObjectNode one = all.addObject()
                    .put("check", finding.check())
                    .put("state", word(finding.state()))
                    .put("summary", finding.summary());
            finding.meaning().ifPresent(meaning -> one.put("meaning", meaning));
            finding.command().ifPresent(command -> one.put("command", command));
        }
        return root.toString();
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String padded(String word, int width) {
        return word + " ".repeat(Math.max(1, width - word.length()));
    }
}
