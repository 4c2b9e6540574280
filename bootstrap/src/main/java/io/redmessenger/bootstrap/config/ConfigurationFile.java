package io.redmessenger.bootstrap.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON file key by key, so that a key that stands twice is one problem among the others. */
final class ConfigurationFile {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ConfigurationFile() {}

    /** The values by key; what is wrong with the file as a whole is added to {@code problems}. */
    static Map<String, JsonNode> read(Path file, List<String> problems) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        try (JsonParser parser = MAPPER.createParser(Files.readAllBytes(file))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                problems.add("file " + file + " must hold one JSON object, {\"key\": value, …}");
                return values;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                if (values.put(key, parser.readValueAsTree()) != null) {
                    problems.add(key + " stands more than once in file " + file);
                }
            }
            if (parser.nextToken() != null) {
                problems.add("file " + file + " goes on after the end of its JSON object");
            }
        } catch (JsonProcessingException e) {
            problems.add("file " + file + " is not valid JSON: " + e.getOriginalMessage() + " (line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ")");
        } catch (NoSuchFileException e) {
            problems.add("file " + file + " does not exist");
        } catch (IOException e) {
            problems.add("file " + file + " cannot be read: " + e.getMessage());
        }
        return values;
    }
}
