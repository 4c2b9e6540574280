package io.redmessenger.application.memory;

import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.StoreDiagnosis;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A diagnosis that a test has written. */
public final class InMemoryStoreDiagnosis implements StoreDiagnosis {

    private final List<Finding> findings = new ArrayList<>();

    public InMemoryStoreDiagnosis() {
        findings.add(Finding.ok(CONNECTION, "the memory answers"));
    }

    /** Of a store that is not there. */
    public static InMemoryStoreDiagnosis ofNothing() {
        InMemoryStoreDiagnosis diagnosis = new InMemoryStoreDiagnosis();
        diagnosis.findings.set(
                0, Finding.problem(CONNECTION, "nothing answers", "there is no store", "redis-cli -p 1 PING"));
        return diagnosis;
    }

    public InMemoryStoreDiagnosis with(Finding finding) {
        findings.add(finding);
        return this;
    }

    @Override
    public CompletionStage<List<Finding>> examine() {
        return CompletableFuture.completedFuture(List.copyOf(findings));
    }
}
