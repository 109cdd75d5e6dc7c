-- The list is parted by char(59), a semicolon, which scripts that read this file take for the end of a statement.
-- `info+*@example.com` in the list of senders now stands for every sub-address of `info@example.com`, and any other `*`
-- before an `@` is refused. Until now it was a character of a mailbox's name. What was stored keeps that meaning in quotes.
UPDATE users
SET version = version + 1,
    senders = (
      WITH RECURSIVE entries (n, entry, rest) AS (
        SELECT 0, '', users.senders || char(59)
        UNION ALL
        SELECT n + 1, substr(rest, 1, instr(rest, char(59)) - 1), substr(rest, instr(rest, char(59)) + 1) FROM entries WHERE rest <> ''
      )
      SELECT group_concat(
        CASE
          -- A local-part in quotes keeps them, and what parts entries in it.
          WHEN instr(entry, '"') = 0 AND instr(substr(entry, 1, instr(entry, '@')), '*') > 0
          THEN '"' || substr(entry, 1, instr(entry, '@') - 1) || '"' || substr(entry, instr(entry, '@'))
          ELSE entry
        END, char(59))
      FROM (SELECT entry FROM entries WHERE n > 0 ORDER BY n)
    )
WHERE instr(senders, '*') > 0;
