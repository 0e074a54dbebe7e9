/* Lucene.java - Lucene beside reckon: indexes the titles of a CSV (id,title) and asks it questions, one thread.
 *
 *     java Lucene TITLES.csv QUESTIONS.txt FOLDER
 *
 * A question is "any" or "all" and its words. BM25, English stems and stop words; the ten best, with Lucene's own default of counting
 * hits up to a thousand. One segment, merged before the questions: its best case. Times are processor time of the one thread
 * that works (merging is done in it, too), after seven rounds of the questions to warm up. Prints a line of JSON for each kind of question.
 */
import java.io.BufferedReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;

public class Lucene {
    static final int BEST = 10, WARM_UPS = 7;

    static double cpuSeconds() { return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() * 1e-9; }

    static void index(Path titles, Directory folder, EnglishAnalyzer analyzer) throws Exception {
        IndexWriterConfig config = new IndexWriterConfig(analyzer).setRAMBufferSizeMB(256).setMergeScheduler(new SerialMergeScheduler());
        double begin = cpuSeconds();
        long bytes = 0, n = 0;
        try (IndexWriter writer = new IndexWriter(folder, config); BufferedReader lines = Files.newBufferedReader(titles)) {
            lines.readLine();
            for (String line; (line = lines.readLine()) != null; n++) {
                int comma = line.indexOf(',');
                Document document = new Document();
                document.add(new StoredField("id", line.substring(0, comma)));
                document.add(new TextField("title", line.substring(comma + 1), Field.Store.NO));
                writer.addDocument(document);
                bytes += line.length() - comma - 1;
            }
            writer.commit();
            double took = cpuSeconds() - begin;
            System.out.printf("{\"titles\":%d,\"bytes\":%d,\"index_cpu_s\":%.3f}%n", n, bytes, took);
            writer.forceMerge(1);
        }
    }

    static Query parse(String[] words, EnglishAnalyzer analyzer) throws Exception {
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        BooleanClause.Occur how = words[0].equals("all") ? BooleanClause.Occur.MUST : BooleanClause.Occur.SHOULD;
        try (TokenStream stream = analyzer.tokenStream("title", String.join(" ", Arrays.copyOfRange(words, 1, words.length)))) {
            CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
            stream.reset();
            while (stream.incrementToken()) {
                query.add(new TermQuery(new Term("title", term.toString())), how);
            }
            stream.end();
        }
        return query.build();
    }

    static void ask(String kind, List<Query> queries, IndexSearcher searcher) throws Exception {
        double[] took = new double[queries.size()];
        double total = 0;
        for (int round = 0; round <= WARM_UPS; round++) {
            total = 0;
            for (int q = 0; q < took.length; q++) {
                double begin = cpuSeconds();
                searcher.search(queries.get(q), BEST);
                took[q] = cpuSeconds() - begin;
                total += took[q];
            }
        }
        Arrays.sort(took);
        System.out.printf("{\"questions\":\"%s\",\"per_s\":%.0f,\"median_ms\":%.3f,\"p99_ms\":%.3f}%n", kind, took.length / total,
                          took[took.length / 2] * 1e3, took[took.length * 99 / 100] * 1e3);
    }

    public static void main(String[] args) throws Exception {
        EnglishAnalyzer analyzer = new EnglishAnalyzer();
        Map<String, List<Query>> kinds = new LinkedHashMap<>();
        try (Directory folder = new MMapDirectory(Path.of(args[2]))) {
            index(Path.of(args[0]), folder, analyzer);
            for (String line : Files.readAllLines(Path.of(args[1]))) {
                String[] words = line.split(" ");
                kinds.computeIfAbsent(words[0] + " of " + (words.length - 1), kind -> new ArrayList<>()).add(parse(words, analyzer));
            }
            IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(folder));
            searcher.setQueryCache(null);
            for (Map.Entry<String, List<Query>> kind : kinds.entrySet()) {
                ask(kind.getKey(), kind.getValue(), searcher);
            }
        }
    }
}
