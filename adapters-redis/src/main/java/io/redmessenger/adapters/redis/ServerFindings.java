package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the checks of one of several servers have found; the same checks for each. */
record ServerFindings(String address, List<Finding> findings) {

    private record Found(String address, Finding finding) {

        /** Not by the order of the states: what could not be found out is less bad than a warning. */
        int badness() {
            return switch (finding.state()) {
                case OK -> 0;
                case SKIPPED -> 1;
                case WARNING -> 2;
                case PROBLEM -> 3;
            };
        }
    }

    /** For each check the worst finding of all servers, with the server's address. */
    static List<Finding> worst(List<ServerFindings> servers) {
        Map<String, List<Found>> byCheck = new LinkedHashMap<>();
        for (ServerFindings server : servers) {
            for (Finding finding : server.findings()) {
                byCheck.computeIfAbsent(finding.check(), check -> new ArrayList<>())
                        .add(new Found(server.address(), finding));
            }
        }
        List<Finding> worst = new ArrayList<>();
        byCheck.forEach((check, found) -> {
            Found one =
                    found.stream().max(Comparator.comparingInt(Found::badness)).orElseThrow();
            Finding finding = one.finding();
            long same = found.stream()
                    .filter(other -> other.finding().state() == finding.state())
                    .count();
            worst.add(new Finding(
                    check,
                    finding.state(),
                    same + " of " + found.size() + " masters, such as " + one.address() + ": " + finding.summary(),
                    finding.meaning(),
                    finding.command()));
        });
        return worst;
    }
}
