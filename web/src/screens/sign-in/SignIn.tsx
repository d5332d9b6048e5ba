import { Empty } from "@/shared/Empty";

export default function SignIn() {
  return <Empty title="SignIn" />;
}
