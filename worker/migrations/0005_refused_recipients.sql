-- How many recipients a message had: of one that was refused the log keeps no more than the first few. Older rows hold them all.
ALTER TABLE messages ADD COLUMN recipient_count INTEGER;

DROP TRIGGER messages_count;

CREATE TRIGGER messages_count AFTER INSERT ON messages BEGIN
  INSERT INTO statistics (list_id, day, username, action, level, messages, recipients, octets)
  VALUES (
    NEW.list_id, date(NEW.at / 1000, 'unixepoch'), NEW.username, NEW.action, NEW.level,
    1, coalesce(NEW.recipient_count, json_array_length(NEW.recipients)), NEW.size
  )
  ON CONFLICT DO UPDATE SET
    messages = messages + 1, recipients = recipients + excluded.recipients, octets = octets + excluded.octets;
END;
