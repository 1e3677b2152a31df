-- What is known of each customer at the end of the day as_of(). The tables hold nothing later.
-- A window of n days is [as_of() − (n − 1) days, end of as_of()].
WITH
  visit_days AS (
    SELECT
      customer_id,
      -- Full days between the visit and the end of the day: 0 is today.
      EXTRACT(DAY FROM as_of() + INTERVAL 1 DAY - visited_at) AS days_ago,
      count(*) AS visits
    FROM visits
    WHERE visited_at >= as_of() - INTERVAL 27 DAY
    GROUP BY 1, 2
  ),
  visit_features AS (
    SELECT
      customer_id,
      sum(visits) FILTER (WHERE days_ago < 7) AS visits_7d,
      sum(visits) AS visits_28d,
      count(*) FILTER (WHERE days_ago < 3) AS visit_days_3d,
      count(*) FILTER (WHERE days_ago < 7) AS visit_days_7d,
      count(*) FILTER (WHERE days_ago < 14) AS visit_days_14d,
      min(days_ago) AS days_since_visit
    FROM visit_days
    GROUP BY customer_id
  ),
  order_features AS (
    SELECT
      customer_id,
      count(*) FILTER (WHERE ordered_at >= as_of() - INTERVAL 27 DAY) AS orders_28d,
      count(*) AS orders_84d,
      sum(amount) AS amount_84d,
      EXTRACT(DAY FROM as_of() + INTERVAL 1 DAY - max(ordered_at)) AS days_since_order
    FROM orders
    WHERE ordered_at >= as_of() - INTERVAL 83 DAY
    GROUP BY customer_id
  ),
  -- Only offers still at work. An older one says most of all that a score was high once: a model would learn from itself.
  offer_features AS (
    SELECT
      customer_id,
      EXTRACT(DAY FROM as_of() + INTERVAL 1 DAY - max(offered_at)) AS days_since_offer
    FROM offers
    WHERE offered_at >= as_of() - INTERVAL 2 DAY
    GROUP BY customer_id
  )
SELECT
  c.customer_id,
  c.category,
  c.age_group,
  c.region,
  -- 0 is Monday; 2024-01-01 was one.
  EXTRACT(DAY FROM CAST(as_of() AS TIMESTAMP) - TIMESTAMP '2024-01-01 00:00:00') % 7 AS weekday,
  coalesce(v.visits_7d, 0) AS visits_7d,
  coalesce(v.visits_28d, 0) AS visits_28d,
  coalesce(v.visit_days_3d, 0) AS visit_days_3d,
  coalesce(v.visit_days_7d, 0) AS visit_days_7d,
  coalesce(v.visit_days_14d, 0) AS visit_days_14d,
  v.days_since_visit,
  coalesce(o.orders_28d, 0) AS orders_28d,
  coalesce(o.orders_84d, 0) AS orders_84d,
  coalesce(o.amount_84d, 0) AS amount_84d,
  o.days_since_order,
  f.days_since_offer
FROM customers c
LEFT JOIN visit_features v ON v.customer_id = c.customer_id
LEFT JOIN order_features o ON o.customer_id = c.customer_id
LEFT JOIN offer_features f ON f.customer_id = c.customer_id
