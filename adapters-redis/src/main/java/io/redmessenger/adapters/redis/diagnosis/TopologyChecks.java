package io.redmessenger.adapters.redis.diagnosis;

import io.redmessenger.application.port.out.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Whether the servers of a Redis stand by one another. */
public final class TopologyChecks {

    private static final int SLOTS = 16_384;
    private static final int FEWEST_SENTINELS = 3;

    private TopologyChecks() {}

    /**
     * What one sentinel says.
     *
     * @param cli how an operator speaks to it
     * @param master what it knows of the master; empty when it does not answer, or knows none
     * @param quorum why it could not carry out a failover; empty when it could
     */
    public record Sentinel(RedisCli cli, Optional<Fields> master, Optional<String> quorum) {

        String names() {
            return master.map(fields -> fields.text("ip").orElse("?") + ":"
                            + fields.text("port").orElse("?"))
                    .orElse("");
        }

        long number(String name) {
            return master.map(fields -> fields.number(name))
                    .orElse(OptionalLong.empty())
                    .orElse(0);
        }
    }

    public static Finding sentinels(String name, List<Sentinel> sentinels) {
        String check = "redis-sentinel";
        List<Sentinel> answering =
                sentinels.stream().filter(one -> one.master().isPresent()).toList();
        String count = answering.size() + " of " + sentinels.size() + " sentinels know " + name;
        Optional<Sentinel> silent =
                sentinels.stream().filter(one -> one.master().isEmpty()).findFirst();
        if (answering.isEmpty()) {
            RedisCli cli = sentinels.get(0).cli();
            return Finding.skipped(
                    check,
                    count,
                    "They do not answer, or not with what they know.",
                    cli.command("SENTINEL", "MASTERS"));
        }
        Sentinel one = answering.get(0);
        if (answering.stream().map(Sentinel::names).distinct().count() > 1) {
            return Finding.problem(
                    check,
                    "the sentinels name different masters: "
                            + answering.stream().map(Sentinel::names).collect(Collectors.joining(", ")),
                    "A failover may be under way: try again in a minute. If it stays so, have one forget what it knows of"
                            + " replicas and other sentinels, and find out anew:",
                    one.cli().command("SENTINEL", "RESET", name));
        }
        Optional<Sentinel> unable =
                answering.stream().filter(each -> each.quorum().isPresent()).findFirst();
        if (unable.isPresent()) {
            return Finding.problem(
                    check,
                    "there would be no failover: " + unable.get().quorum().get(),
                    "Too few sentinels reach one another. Start those that are missing, and ask again:",
                    unable.get().cli().command("SENTINEL", "CKQUORUM", name));
        }
        if (silent.isPresent()) {
            return Finding.warning(
                    check,
                    count + "; " + silent.get().cli().address() + " does not",
                    "The others do the work; if more go, there is no failover. Start it, or take it out of redis_url:",
                    silent.get().cli().command("SENTINEL", "MASTER", name));
        }
        if (one.number("num-slaves") == 0) {
            return Finding.warning(
                    check,
                    count + "; the master " + one.names() + " has no replica",
                    "There is nobody to fail over to. Start another Redis, and make it a replica:",
                    "redis-cli -h REPLICA REPLICAOF " + one.names().replace(':', ' '));
        }
        long known = one.number("num-other-sentinels") + 1;
        if (known < FEWEST_SENTINELS) {
            return Finding.warning(
                    check,
                    count + ", and there are " + known,
                    "With fewer than three sentinels the loss of one machine ends failovers. On a third machine, with a file"
                            + " that has the line 'sentinel monitor " + name + " "
                            + one.names().replace(':', ' ') + " 2':",
                    "redis-sentinel /etc/redis/sentinel.conf");
        }
        return Finding.ok(
                check,
                count + "; master " + one.names() + ", " + one.number("num-slaves") + " replicas, quorum "
                        + one.number("quorum") + " of " + known);
    }

    /** A line of what CLUSTER NODES says. */
    private record Node(String id, String address, List<String> flags, String master) {

        static Optional<Node> of(String line) {
            String[] words = line.split(" ", -1);
            return words.length < 8
                    ? Optional.empty()
                    : Optional.of(new Node(
                            words[0], words[1].replaceFirst("@.*", ""), List.of(words[2].split(",", -1)), words[3]));
        }

        boolean isMaster() {
            return flags.contains("master");
        }

        boolean isFailing() {
            return flags.contains("fail");
        }
    }

    private static List<Node> nodes(String text) {
        List<Node> nodes = new ArrayList<>();
        text.lines().forEach(line -> Node.of(line).ifPresent(nodes::add));
        return nodes;
    }

    /** {@code HOST:PORT} of the masters that are well. */
    public static List<String> masters(String nodes) {
        return nodes(nodes).stream()
                .filter(node ->
                        node.isMaster() && !node.isFailing() && !node.flags().contains("noaddr"))
                .map(Node::address)
                .toList();
    }

    /**
     * @param info what CLUSTER INFO says; empty when that may not be asked
     * @param text what CLUSTER NODES says
     */
    public static Finding cluster(RedisCli cli, Optional<Fields> info, String text) {
        String check = "redis-cluster";
        List<Node> nodes = nodes(text);
        List<Node> masters = nodes.stream()
                .filter(node -> node.isMaster() && !node.isFailing())
                .toList();
        List<Node> failing = nodes.stream().filter(Node::isFailing).toList();
        String summary = masters.size() + " masters, "
                + nodes.stream()
                        .filter(node -> !node.isMaster() && !node.isFailing())
                        .count() + " replicas";
        long slots =
                info.map(fields -> fields.number("cluster_slots_ok").orElse(0)).orElse((long) SLOTS);
        if (slots < SLOTS
                || info.filter(fields -> !fields.is("cluster_state", "ok")).isPresent()) {
            return Finding.problem(
                    check,
                    "the cluster is not ok: " + slots + " of " + SLOTS + " slots are served",
                    "Users of the other slots are not served, or nobody is. Start the missing nodes; if they are gone for good,"
                            + " give their slots to others:",
                    "redis-cli --cluster fix " + cli.address());
        }
        if (!failing.isEmpty()) {
            return Finding.warning(
                    check,
                    summary + "; failed: " + failing.stream().map(Node::address).collect(Collectors.joining(", ")),
                    "Its part is served by another. Start it again, or, when it is gone for good, have all forget it:",
                    "redis-cli --cluster call " + cli.address() + " CLUSTER FORGET "
                            + failing.get(0).id());
        }
        Optional<Node> lonely = masters.stream()
                .filter(master -> nodes.stream().noneMatch(node -> node.master().equals(master.id())))
                .findFirst();
        if (lonely.isPresent()) {
            return Finding.warning(
                    check,
                    summary + "; " + lonely.get().address() + " has no replica",
                    "When it dies, the inboxes of its users are gone until it is back. Add a replica, a Redis that is started with"
                            + " cluster-enabled yes at HOST:PORT:",
                    "redis-cli --cluster add-node HOST:PORT " + cli.address() + " --cluster-slave --cluster-master-id "
                            + lonely.get().id());
        }
        return Finding.ok(check, summary + ", all " + SLOTS + " slots served");
    }
}
