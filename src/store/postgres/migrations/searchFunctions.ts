/** How many numbers of rows a bucket has, as a power of two. */
export const bucketBits = 11;
/** Buckets that are looked through at once where they hold little. */
const mostBuckets = 64;
/** Rows that one call finds at most, whatever is asked for. */
const mostFound = 10_000;
/** Stands for the number of a bucket where a query is written for all of them. */
const anyBucket = 'chr(1)';

/**
 * What searches need. An index of words gives all that has them, and 10^6 rows are too many to sort: so each word stands
 * in the index with its owner's number and the number of its bucket before it, and a search looks through one bucket
 * after the other, the latest first, until it has enough. Where it finds little it takes more of them at once.
 */
export const searchParts = `
CREATE FUNCTION omnispindle.quoted_lexeme(owner bigint, word text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '''' || owner || '.' || ${anyBucket} || '.' || replace(replace(word, '\\', '\\\\'), '''', '''''') || ''''
$$;
`;

const ofBucket = (query: string) => `replace(${query}, ${anyBucket}, bucket::text)::tsquery`;

/**
 * The function that finds rows of a table by their words. It runs as who owns the tables, because the index is not used
 * where a policy comes first; so it filters by the same setting itself, and trusts nothing that it is given. Each bucket
 * has a query of its own: one for several would compare each row with all of them.
 *
 * A connection plans it once, maybe while the tables are empty: so nothing is left to the planner but the index of words.
 * @param counter the owner's highest number of a row
 */
export const searchFunction = (table: 'todo' | 'lesson', counter: 'todos' | 'lessons') => `
CREATE FUNCTION omnispindle.find_${table}(whole text[], beginning text, most integer, from_seq bigint)
RETURNS TABLE (found_seq bigint, weight integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = on
SET enable_sort = on
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  me CONSTANT bigint := omnispindle.current_owner();
  -- A weight may follow the colons.
  words_asked CONSTANT text[] := array(SELECT omnispindle.quoted_lexeme(me, word) || ':' FROM unnest(whole) AS word)
    || (omnispindle.quoted_lexeme(me, beginning) || ':*');
  all_words CONSTANT text := array_to_string(words_asked, ' & ');
  in_heading CONSTANT text := array_to_string(words_asked, 'A | ') || 'A';
  in_labels CONSTANT text := array_to_string(words_asked, 'B | ') || 'B';
  wanted integer := least(most, ${String(mostFound)});
  size bigint := 1;
  top bigint;
  bottom bigint;
  got integer;
BEGIN
  SELECT least(${counter}, from_seq) >> ${String(bucketBits)} INTO top FROM omnispindle.owner WHERE id = me;
  WHILE wanted > 0 AND top >= 0 LOOP
    bottom := greatest(top - size + 1, 0);
    RETURN QUERY
      WITH latest AS MATERIALIZED (
        SELECT seq, words, bucket
        FROM generate_series(bottom, top) AS bucket, LATERAL (
          WITH matching AS MATERIALIZED (
            SELECT owner, seq, words FROM omnispindle.${table}_words WHERE words @@ ${ofBucket('all_words')}
          )
          SELECT seq, words FROM matching WHERE owner = me AND seq <= from_seq
        ) AS found
        ORDER BY seq DESC LIMIT wanted
      ), weighing AS MATERIALIZED (
        SELECT bucket, ${ofBucket('in_heading')} AS heading, ${ofBucket('in_labels')} AS labels
        FROM (SELECT DISTINCT bucket FROM latest) AS buckets
      )
      SELECT seq, CASE WHEN words @@ heading THEN 0 WHEN words @@ labels THEN 1 ELSE 2 END
      FROM latest JOIN weighing USING (bucket) ORDER BY seq DESC;
    GET DIAGNOSTICS got = ROW_COUNT;
    wanted := wanted - got;
    top := bottom - 1;
    IF got < wanted THEN size := least(size * 2, ${String(mostBuckets)}); END IF;
  END LOOP;
END
$$;
`;
