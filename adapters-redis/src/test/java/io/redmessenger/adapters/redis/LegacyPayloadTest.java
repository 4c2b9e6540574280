package io.redmessenger.adapters.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LegacyPayloadTest {

    /** Each pair is what {@code decodeURI} made of it in a browser; where it throws, the text stays. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain|plain",
                "Hello,%20world!|Hello, world!",
                "%F0%9F%98%80|😀",
                "%e2%98%83|☃",
                "%C3%A9t%C3%A9|été",
                "%3B%2F%3F%3A%40%26%3D%2B%24%2C%23|%3B%2F%3F%3A%40%26%3D%2B%24%2C%23",
                "%2f|%2f",
                "%41%25|A%",
                "100%|100%",
                "a%4|a%4",
                "%zz|%zz",
                "%80|%80",
                "%20%C3|%20%C3",
                "%C3%20|%C3%20",
                "%C0%80|%C0%80",
                "%ED%A0%80|%ED%A0%80",
                "%F8%88%80%80%80|%F8%88%80%80%80",
                "%F4%90%80%80|%F4%90%80%80",
                "%é1|%é1",
                "😀%20☃|😀 ☃",
            })
    void decodeShouldDoAsDecodeUri(String text, String expected) {
        assertThat(LegacyPayload.decode(text)).isEqualTo(expected);
    }
}
