package io.redmessenger.application.memory;

import io.redmessenger.application.contract.StoreDiagnosisContract;
import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.StoreDiagnosis;

class InMemoryStoreDiagnosisTest implements StoreDiagnosisContract {

    @Override
    public StoreDiagnosis diagnosis() {
        return new InMemoryStoreDiagnosis().with(Finding.ok("redis-keys", "nothing is wrong"));
    }

    @Override
    public StoreDiagnosis diagnosisOfNothing() {
        return InMemoryStoreDiagnosis.ofNothing();
    }

    @Override
    public String contents() {
        return "";
    }
}
