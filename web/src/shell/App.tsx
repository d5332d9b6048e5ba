import { Center, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";

import { useSession } from "@/api/session";
import { sentence } from "@/api/error";
import { Empty } from "@/shared/Empty";

import { ErrorBoundary } from "./ErrorBoundary";
import { Shell } from "./Shell";

const SignIn = lazy(() => import("@/screens/sign-in/SignIn"));
const Flows = lazy(() => import("@/screens/flows/Flows"));
const Builder = lazy(() => import("@/screens/builder/Builder"));
const Contacts = lazy(() => import("@/screens/contacts/Contacts"));
const Conversations = lazy(() => import("@/screens/conversations/Conversations"));
const Settings = lazy(() => import("@/screens/settings/Settings"));

const WAITING = (
  <Center h="100%">
    <Loader size="sm" />
  </Center>
);

/** Every page. What only the signed-in may see stands below the shell. */
export function App() {
  const { data: session, error, isPending, refetch } = useSession();
  const [place] = useLocation();
  if (isPending) return WAITING;
  if (error) {
    return <Empty title="PostDog doesn't answer" text={sentence(error)} action={{ label: "Try again", run: () => void refetch() }} />;
  }
  return (
    <ErrorBoundary key={place.split("/")[1]}>
      <Suspense fallback={WAITING}>
        {session ? (
          <Shell>
            <Suspense fallback={WAITING}>
              <Switch>
                <Route path="/flows" component={Flows} />
                <Route path="/flows/:flow" component={Builder} />
                <Route path="/contacts/*?" component={Contacts} />
                <Route path="/conversations/*?" component={Conversations} />
                <Route path="/settings/*?" component={Settings} />
                <Route path="/">
                  <Redirect to={session.role === "agent" ? "/conversations" : "/flows"} replace />
                </Route>
                <Route>
                  <Empty title="There is nothing here" text="The address may be old." action={{ label: "Go to your flows", to: "/flows" }} />
                </Route>
              </Switch>
            </Suspense>
          </Shell>
        ) : (
          <SignIn />
        )}
      </Suspense>
    </ErrorBoundary>
  );
}
