// What Java's mail libraries find in a message. In: a length of four octets and a message; out: a line of JSON.
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.mail.Address;
import javax.mail.Session;
import javax.mail.internet.InternetAddress;
import javax.mail.internet.InternetHeaders;
import javax.mail.internet.MimeMessage;
import javax.mail.internet.MimeUtility;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.field.address.LenientAddressParser;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.message.DefaultMessageWriter;
import org.apache.james.mime4j.stream.MimeConfig;

public final class Reader {
    interface Read { List<String> of(byte[] octets) throws Exception; }
    record Config(String program, String version, String how, Read read) {
        String name() { return program + " " + version + ": " + how; }
    }

    static final String[] FIELDS = {"From", "Sender", "Resent-From", "Resent-Sender"};
    static final List<Config> CONFIGS = new ArrayList<>();

    static void reads(String program, String how, Read read) {
        CONFIGS.add(new Config(program, System.getProperty(program.replace(' ', '.'), "unknown"), how, read));
    }

    static List<String> texts(Address[] list) {
        List<String> out = new ArrayList<>();
        if (list != null) for (Address one : list) out.add(one instanceof InternetAddress a ? a.getAddress() : one.toString());
        return out;
    }

    /** The bodies of the originator fields as InternetHeaders cuts them. */
    static List<String> bodies(byte[] octets) throws Exception {
        InternetHeaders headers = new InternetHeaders(new ByteArrayInputStream(octets), true);
        List<String> out = new ArrayList<>();
        for (String name : FIELDS) {
            String[] found = headers.getHeader(name);
            if (found != null) out.addAll(List.of(found));
        }
        return out;
    }

    static List<String> message(byte[] octets, Session session) throws Exception {
        MimeMessage message = new MimeMessage(session, new ByteArrayInputStream(octets));
        List<String> out = texts(message.getFrom());
        Address sender = message.getSender();
        if (sender != null) out.addAll(texts(new Address[] {sender}));
        return out;
    }

    static Session session(String strict) {
        Properties properties = new Properties();
        properties.setProperty("mail.mime.address.strict", strict);
        return Session.getInstance(properties);
    }

    static List<String> mime4j(byte[] octets, MimeConfig config) throws Exception {
        DefaultMessageBuilder builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(config);
        Message message = builder.parseMessage(new ByteArrayInputStream(octets));
        return mailboxes(message);
    }

    static List<String> mailboxes(Message message) {
        List<String> out = new ArrayList<>();
        if (message.getFrom() != null) for (Mailbox one : message.getFrom()) out.add(one.getAddress());
        if (message.getSender() != null) out.add(message.getSender().getAddress());
        return out;
    }

    static void declare() {
        for (String strict : new String[] {"true", "false"}) {
            Session session = session(strict);
            reads("JavaMail", "MimeMessage, strict " + strict, octets -> message(octets, session));
        }
        reads("JavaMail", "InternetAddress.parse", octets -> {
            List<String> out = new ArrayList<>();
            for (String body : bodies(octets)) out.addAll(texts(InternetAddress.parse(body)));
            return out;
        });
        for (boolean strict : new boolean[] {true, false}) {
            reads("JavaMail", "InternetAddress.parseHeader, strict " + strict, octets -> {
                List<String> out = new ArrayList<>();
                for (String body : bodies(octets)) out.addAll(texts(InternetAddress.parseHeader(body, strict)));
                return out;
            });
        }
        reads("JavaMail", "decoded, then parseHeader", octets -> {
            List<String> out = new ArrayList<>();
            for (String body : bodies(octets)) {
                out.addAll(texts(InternetAddress.parseHeader(MimeUtility.decodeText(MimeUtility.unfold(body)), false)));
            }
            return out;
        });
        reads("JavaMail", "written anew and read again", octets -> {
            MimeMessage message = new MimeMessage(session("false"), new ByteArrayInputStream(octets));
            message.setFrom(message.getFrom()[0]);
            message.saveChanges();
            ByteArrayOutputStream again = new ByteArrayOutputStream();
            message.writeTo(again);
            return message(again.toByteArray(), session("false"));
        });
        reads("mime4j", "Message, permissive", octets -> mime4j(octets, MimeConfig.PERMISSIVE));
        reads("mime4j", "Message, default", octets -> mime4j(octets, MimeConfig.DEFAULT));
        reads("mime4j", "LenientAddressParser", octets -> {
            List<String> out = new ArrayList<>();
            for (String body : bodies(octets)) {
                for (Mailbox one : LenientAddressParser.DEFAULT.parseAddressList(MimeUtility.unfold(body)).flatten()) out.add(one.getAddress());
            }
            return out;
        });
        reads("mime4j", "written anew and read again", octets -> {
            DefaultMessageBuilder builder = new DefaultMessageBuilder();
            builder.setMimeEntityConfig(MimeConfig.PERMISSIVE);
            ByteArrayOutputStream again = new ByteArrayOutputStream();
            new DefaultMessageWriter().writeMessage(builder.parseMessage(new ByteArrayInputStream(octets)), again);
            return mime4j(again.toByteArray(), MimeConfig.PERMISSIVE);
        });
    }

    static String json(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            // Half of a pair would be no JSON.
            if (Character.isSurrogate(c)) out.append('?');
            else if (c < ' ' || c == '"' || c == '\\' || c > '~') out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }

    static String answer(byte[] octets) {
        StringBuilder said = new StringBuilder("{");
        for (Config config : CONFIGS) {
            LinkedHashSet<String> found = new LinkedHashSet<>();
            try {
                for (String one : config.read().of(octets)) if (one != null && one.contains("@")) found.add(json(one));
            } catch (Exception | Error error) {
                continue;
            }
            if (found.isEmpty()) continue;
            if (said.length() > 1) said.append(',');
            said.append(json(config.name())).append(":[").append(String.join(",", found)).append(']');
        }
        return said.append('}').toString();
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        System.setOut(System.err);
        declare();
        Map<String, String> hello = new LinkedHashMap<>();
        for (Config c : CONFIGS) {
            hello.put(c.name(), "{\"program\":" + json(c.program()) + ",\"version\":" + json(c.version()) + ",\"how\":" + json(c.how()) + "}");
        }
        List<String> parts = new ArrayList<>();
        hello.forEach((name, about) -> parts.add(json(name) + ":" + about));
        out.println("{\"configs\":{" + String.join(",", parts) + "}}");
        DataInputStream in = new DataInputStream(System.in);
        while (true) {
            byte[] octets;
            try {
                octets = new byte[in.readInt()];
                in.readFully(octets);
            } catch (EOFException end) {
                return;
            }
            out.println(answer(octets));
        }
    }
}
