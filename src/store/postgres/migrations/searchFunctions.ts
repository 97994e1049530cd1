/** How many numbers of rows a bucket has, as a power of two. */
export const bucketBits = 11;
/** Buckets that are looked through at once where they hold little. */
const mostBuckets = 64;
/** Rows that one call finds at most, whatever is asked for. */
const mostFound = 10_000;

/**
 * What searches need. An index of words gives all that has them, and 10^6 rows are too many to sort: so each word stands
 * in the index with its owner's number and the number of its bucket before it, and a search looks through one bucket
 * after the other, the latest first, until it has enough. Where it finds little it takes more of them at once.
 */
export const searchParts = `
CREATE FUNCTION omnispindle.quoted_lexeme(owner bigint, bucket bigint, word text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT '''' || replace(replace(owner || '.' || bucket || '.' || word, '\\', '\\\\'), '''', '''''') || '''' $$;

CREATE FUNCTION omnispindle.all_words(owner bigint, bucket bigint, whole text[], beginning text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(string_agg(omnispindle.quoted_lexeme(owner, bucket, word), ' & ') || ' & ', '')
    || omnispindle.quoted_lexeme(owner, bucket, beginning) || ':*'
  FROM unnest(whole) AS word
$$;

CREATE FUNCTION omnispindle.any_word(owner bigint, bucket bigint, whole text[], beginning text, weight text)
RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (coalesce(string_agg(omnispindle.quoted_lexeme(owner, bucket, word) || ':' || weight, ' | ') || ' | ', '')
    || omnispindle.quoted_lexeme(owner, bucket, beginning) || ':*' || weight)::tsquery
  FROM unnest(whole) AS word
$$;
`;

/**
 * The function that finds rows of a table by their words. It runs as who owns the tables, because the index is not used
 * where a policy comes first; so it filters by the same setting itself, and trusts nothing that it is given.
 */
export const searchFunction = (table: 'todo' | 'lesson') => `
CREATE FUNCTION omnispindle.find_${table}(whole text[], beginning text, most integer, from_seq bigint)
RETURNS TABLE (found_seq bigint, weight integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = on
SET enable_sort = on
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  me CONSTANT bigint := omnispindle.current_owner();
  wanted integer := least(most, ${String(mostFound)});
  size bigint := 1;
  top bigint;
  bottom bigint;
  lowest bigint;
  got integer;
  asked tsquery;
BEGIN
  SELECT seq >> ${String(bucketBits)} INTO top FROM omnispindle.${table}_words
    WHERE owner = me AND seq <= from_seq ORDER BY seq DESC LIMIT 1;
  SELECT seq >> ${String(bucketBits)} INTO lowest FROM omnispindle.${table}_words
    WHERE owner = me ORDER BY seq LIMIT 1;
  WHILE wanted > 0 AND top >= lowest LOOP
    bottom := greatest(top - size + 1, lowest);
    SELECT string_agg('(' || omnispindle.all_words(me, bucket, whole, beginning) || ')', ' | ')::tsquery
      INTO asked FROM generate_series(bottom, top) AS bucket;
    RETURN QUERY
      WITH matching AS MATERIALIZED (
        SELECT owner, seq, words FROM omnispindle.${table}_words WHERE words @@ asked
      ), latest AS MATERIALIZED (
        SELECT seq, words FROM matching WHERE owner = me AND seq <= from_seq ORDER BY seq DESC LIMIT wanted
      ), weighing AS MATERIALIZED (
        SELECT bucket,
          omnispindle.any_word(me, bucket, whole, beginning, 'A') AS in_heading,
          omnispindle.any_word(me, bucket, whole, beginning, 'B') AS in_labels
        FROM generate_series(bottom, top) AS bucket
      )
      SELECT seq, CASE WHEN words @@ in_heading THEN 0 WHEN words @@ in_labels THEN 1 ELSE 2 END
      FROM latest JOIN weighing ON bucket = seq >> ${String(bucketBits)} ORDER BY seq DESC;
    GET DIAGNOSTICS got = ROW_COUNT;
    wanted := wanted - got;
    top := bottom - 1;
    IF got < wanted THEN size := least(size * 2, ${String(mostBuckets)}); END IF;
  END LOOP;
END
$$;
`;
