package io.redmessenger.application.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.port.out.Finding;
import io.redmessenger.application.port.out.Finding.State;
import io.redmessenger.application.port.out.StoreDiagnosis;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link StoreDiagnosis} does. */
public interface StoreDiagnosisContract {

    /** Of a store that answers. */
    StoreDiagnosis diagnosis();

    /** Of a store that does not answer. */
    StoreDiagnosis diagnosisOfNothing();

    /** Everything that is in the store, in some form. */
    String contents();

    @Test
    default void examineShouldBeginWithTheConnectionAndNameEachCheckOnce() {
        List<Finding> findings = Await.value(diagnosis().examine());
        assertThat(findings.get(0).check()).isEqualTo(StoreDiagnosis.CONNECTION);
        assertThat(findings.get(0).state()).isEqualTo(State.OK);
        assertThat(findings).hasSizeGreaterThan(1).extracting(Finding::check).doesNotHaveDuplicates();
    }

    @Test
    default void examineShouldChangeNothing() {
        String before = contents();
        Await.value(diagnosis().examine());
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    default void examineShouldSayWhyNothingAnswers() {
        List<Finding> findings = Await.value(diagnosisOfNothing().examine());
        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).check()).isEqualTo(StoreDiagnosis.CONNECTION);
        assertThat(findings.get(0).state()).isEqualTo(State.PROBLEM);
        assertThat(findings.get(0).command()).isPresent();
    }
}
