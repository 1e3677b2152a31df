-- One row for each customer who has bought by the end of as_of(); several purchases of a day count as one day.
WITH days AS (
  SELECT customer_id, bought_on, sum(cds) AS cds, sum(amount) AS amount,
    bought_on::DATE - lag(bought_on::DATE) OVER (PARTITION BY customer_id ORDER BY bought_on) AS gap
  FROM purchases
  GROUP BY customer_id, bought_on
),
customers AS (
  SELECT
    customer_id,
    as_of() - max(bought_on)::DATE AS recency,
    count(*) AS frequency,
    as_of() - min(bought_on)::DATE AS tenure,
    max(bought_on)::DATE - min(bought_on)::DATE AS active_days,
    max_by(gap, bought_on) AS last_gap,
    count(*) FILTER (WHERE bought_on > as_of() - INTERVAL 30 DAY) AS days_30,
    count(*) FILTER (WHERE bought_on > as_of() - INTERVAL 90 DAY) AS days_90,
    count(*) FILTER (WHERE bought_on > as_of() - INTERVAL 180 DAY) AS days_180,
    sum(amount) AS amount_total,
    avg(amount) AS amount_mean,
    coalesce(sum(amount) FILTER (WHERE bought_on > as_of() - INTERVAL 90 DAY), 0) AS amount_90,
    sum(cds) AS cds_total
  FROM days
  GROUP BY customer_id
)
SELECT
  *,
  frequency / (1.0 + recency) AS frequency_over_recency,
  active_days / nullif(frequency - 1, 0) AS mean_gap,
  recency * (frequency - 1) / nullif(active_days, 0) AS overdue
FROM customers
